package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"net/http"
	"strings"
	"sync"
	"time"
)

const (
	issuer = "miniauth"
	// Longer texts are not tokens; ours have about 500 characters.
	longest = 8192
	// How long the list of keys is cached. An unknown key makes it reload earlier, at most every two seconds.
	kept  = 5 * time.Minute
	pause = 2 * time.Second
	// The allowed clock difference between this machine and miniauth.
	leeway = 5 * time.Second
)

// Tokens verifies signed tokens of miniauth.
type Tokens struct {
	http     *http.Client
	list     string
	audience string

	mutex  sync.Mutex
	keys   map[string]*ecdsa.PublicKey
	readAt time.Time
}

// SubjectOf returns a token's subject, or "" for an untrusted token. An error means that the keys could not be loaded, so nothing is known
// about the token.
func (t *Tokens) SubjectOf(token string) (string, error) {
	parts := strings.Split(token, ".")
	if len(token) > longest || len(parts) != 3 {
		return "", nil
	}
	// We fix the algorithm, never the token: with "none", or HS256 and the public key, anybody could sign.
	header := object(parts[0])
	name, named := header["kid"].(string)
	if header["alg"] != "ES256" || !named {
		return "", nil
	}
	key, err := t.key(name)
	if err != nil || key == nil {
		return "", err
	}
	signature, err := base64.RawURLEncoding.Strict().DecodeString(parts[2])
	if err != nil || len(signature) != 64 {
		return "", nil
	}
	hash := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	r, s := new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])
	if !ecdsa.Verify(key, hash[:], r, s) {
		return "", nil
	}

	claims := object(parts[1])
	expires, dated := claims["exp"].(float64)
	subject, _ := claims["sub"].(string)
	expired := !dated || !time.Now().Before(time.Unix(int64(expires), 0).Add(leeway))
	if expired || claims["iss"] != issuer || claims["aud"] != t.audience {
		return "", nil
	}
	return subject, nil
}

// The content of a token's part; empty if it is not an object.
func object(part string) map[string]any {
	text, err := base64.RawURLEncoding.Strict().DecodeString(part)
	if err != nil {
		return nil
	}
	var object map[string]any
	if json.Unmarshal(text, &object) != nil {
		return nil
	}
	return object
}

// One goroutine loads the list while the others wait.
func (t *Tokens) key(name string) (*ecdsa.PublicKey, error) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	age := time.Since(t.readAt)
	if age >= kept || (t.keys[name] == nil && age >= pause) {
		keys, err := t.readKeys()
		if err != nil {
			return nil, err
		}
		t.keys, t.readAt = keys, time.Now()
	}
	return t.keys[name], nil
}

func (t *Tokens) readKeys() (map[string]*ecdsa.PublicKey, error) {
	answer, err := t.http.Get(t.list)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("miniauth answered %s for its keys", answer.Status)
	}
	var list struct {
		Keys []struct{ Kty, Crv, Kid, X, Y string }
	}
	if err := json.NewDecoder(answer.Body).Decode(&list); err != nil {
		return nil, err
	}
	keys := map[string]*ecdsa.PublicKey{}
	for _, key := range list.Keys {
		x, errX := base64.RawURLEncoding.DecodeString(key.X)
		y, errY := base64.RawURLEncoding.DecodeString(key.Y)
		if key.Kty != "EC" || key.Crv != "P-256" || errX != nil || errY != nil {
			continue
		}
		public := &ecdsa.PublicKey{Curve: elliptic.P256(), X: new(big.Int).SetBytes(x), Y: new(big.Int).SetBytes(y)}
		if public.Curve.IsOnCurve(public.X, public.Y) {
			keys[key.Kid] = public
		}
	}
	return keys, nil
}
