import java.io.IOException;
import java.math.BigInteger;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Verifies signed tokens of miniauth with the JDK only. */
final class Tokens {
    private static final String ISSUER = "miniauth";

    /** Longer texts are not tokens; ours have about 500 characters. */
    private static final int LONGEST = 8_192;

    /** How long the list of keys is cached; an unknown key makes it reload earlier, at most every two seconds. */
    private static final Duration KEPT = Duration.ofMinutes(5);
    private static final Duration PAUSE = Duration.ofSeconds(2);

    /** The allowed clock difference between this machine and miniauth, in seconds. */
    private static final int LEEWAY = 5;

    private final HttpClient http;
    private final URI address;
    private final String audience;
    private Map<String, PublicKey> keys = Map.of();
    private long readAt;

    Tokens(HttpClient http, String miniauth, String audience) {
        this.http = http;
        this.address = URI.create(miniauth + "/.well-known/jwks.json");
        this.audience = audience;
        this.readAt = System.nanoTime() - KEPT.toNanos();
    }

    /**
     * Verifies a token.
     *
     * @return the subject, or null if the token is not trusted
     * @throws IOException if the keys cannot be loaded: nothing is known about the token then
     */
    String subjectOf(String token) throws IOException, InterruptedException {
        if (token.length() > LONGEST) return null;
        String[] parts = token.split("[.]", -1);
        if (parts.length != 3) return null;
        try {
            // We fix the algorithm, never the token: with "none", or HS256 and the public key, anybody could sign.
            Map<String, Object> header = Json.readObject(decoded(parts[0]));
            if (!"ES256".equals(header.get("alg")) || !(header.get("kid") instanceof String name)) return null;
            PublicKey key = key(name);
            if (key == null) return null;
            Signature signature = Signature.getInstance("SHA256withECDSAinP1363Format");
            signature.initVerify(key);
            signature.update((parts[0] + "." + parts[1]).getBytes(StandardCharsets.US_ASCII));
            if (!signature.verify(Base64.getUrlDecoder().decode(parts[2]))) return null;

            Map<String, Object> claims = Json.readObject(decoded(parts[1]));
            boolean living = claims.get("exp") instanceof Double exp && System.currentTimeMillis() / 1000.0 < exp + LEEWAY;
            boolean forUs = ISSUER.equals(claims.get("iss")) && audience.equals(claims.get("aud"));
            return living && forUs && claims.get("sub") instanceof String subject ? subject : null;
        } catch (IllegalArgumentException | GeneralSecurityException notAToken) {
            return null;
        }
    }

    private static String decoded(String part) {
        return new String(Base64.getUrlDecoder().decode(part), StandardCharsets.UTF_8);
    }

    /** One thread loads the list while the others wait. */
    private synchronized PublicKey key(String name) throws IOException, InterruptedException, GeneralSecurityException {
        long age = System.nanoTime() - readAt;
        if (age >= KEPT.toNanos() || (!keys.containsKey(name) && age >= PAUSE.toNanos())) {
            keys = readKeys();
            readAt = System.nanoTime();
        }
        return keys.get(name);
    }

    private Map<String, PublicKey> readKeys() throws IOException, InterruptedException, GeneralSecurityException {
        HttpRequest request = HttpRequest.newBuilder(address).timeout(Duration.ofSeconds(5)).build();
        HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != 200) throw new IOException("miniauth answered " + answer.statusCode() + " for its keys");
        try {
            return keysOf(answer.body());
        } catch (RuntimeException error) {
            throw new IOException("what miniauth answered is no list of keys", error);
        }
    }

    private static Map<String, PublicKey> keysOf(String list) throws GeneralSecurityException {
        AlgorithmParameters curve = AlgorithmParameters.getInstance("EC");
        curve.init(new ECGenParameterSpec("secp256r1"));
        ECParameterSpec p256 = curve.getParameterSpec(ECParameterSpec.class);
        Map<String, PublicKey> read = new HashMap<>();
        for (Object entry : (List<?>) Json.readObject(list).get("keys")) {
            Map<?, ?> key = (Map<?, ?>) entry;
            if (!"EC".equals(key.get("kty")) || !"P-256".equals(key.get("crv"))) continue;
            ECPoint point = new ECPoint(coordinate(key.get("x")), coordinate(key.get("y")));
            read.put((String) key.get("kid"), KeyFactory.getInstance("EC").generatePublic(new ECPublicKeySpec(point, p256)));
        }
        return read;
    }

    private static BigInteger coordinate(Object text) {
        return new BigInteger(1, Base64.getUrlDecoder().decode((String) text));
    }
}
