// A back-end in Go (standard library only) that accepts miniauth's sessions: with signed tokens (/orders), and by introspection (/account).
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
)

var (
	miniauth = os.Getenv("MINIAUTH")
	client   = &http.Client{Timeout: 5 * time.Second}
)

func main() {
	tokens := &Tokens{http: client, list: miniauth + "/.well-known/jwks.json", audience: setting("AUDIENCE", "shop")}
	// Verifies a signed token locally, so a logout takes effect only when the token expires.
	http.HandleFunc("/orders", trusting(tokens.SubjectOf))
	http.HandleFunc("/account", trusting(askMiniauth))

	listener, err := net.Listen("tcp", "127.0.0.1:"+setting("PORT", "0"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("backend listening on http://%s\n", listener.Addr())
	server := &http.Server{ReadHeaderTimeout: 10 * time.Second}
	log.Fatal(server.Serve(listener))
}

func setting(name, fallback string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return fallback
}

// Answers with the bearer's subject, or with the 401 that makes the page log in.
func trusting(subjectOf func(bearer string) (string, error)) http.HandlerFunc {
	return func(response http.ResponseWriter, request *http.Request) {
		scheme, bearer, _ := strings.Cut(request.Header.Get("Authorization"), " ")
		if !strings.EqualFold(scheme, "Bearer") || bearer == "" {
			unauthorized(response)
			return
		}
		subject, err := subjectOf(bearer)
		switch {
		case err != nil:
			log.Print(err)
			answer(response, http.StatusServiceUnavailable, map[string]any{"title": "Try again in a moment.", "status": 503})
		case subject == "":
			unauthorized(response)
		default:
			answer(response, http.StatusOK, map[string]any{"subject": subject})
		}
	}
}

// Asks miniauth about the session, so a logout takes effect at once.
func askMiniauth(session string) (string, error) {
	form := url.Values{"token": {session}}
	request, err := http.NewRequest(http.MethodPost, miniauth+"/introspect", strings.NewReader(form.Encode()))
	if err != nil {
		return "", err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.SetBasicAuth(os.Getenv("BACKEND_NAME"), os.Getenv("BACKEND_SECRET"))
	response, err := client.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return "", fmt.Errorf("miniauth answered %s", response.Status)
	}
	var told struct {
		Active  bool
		Subject string
	}
	if err := json.NewDecoder(response.Body).Decode(&told); err != nil || !told.Active {
		return "", err
	}
	return told.Subject, nil
}

// The page's client takes this answer for an expired session, logs in again and retries once.
func unauthorized(response http.ResponseWriter) {
	response.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`)
	problem := map[string]any{
		"type": "urn:miniauth:problem:session_unknown", "title": "Log in again.", "status": 401, "code": "session_unknown",
	}
	answer(response, http.StatusUnauthorized, problem)
}

func answer(response http.ResponseWriter, status int, body map[string]any) {
	kind := "application/json"
	if status >= 400 {
		kind = "application/problem+json"
	}
	response.Header().Set("Content-Type", kind)
	response.WriteHeader(status)
	if err := json.NewEncoder(response).Encode(body); err != nil {
		log.Print(err)
	}
}
