import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.Executors;

/** A back-end in Java (JDK 17 only) that accepts miniauth's sessions: with signed tokens (/orders), and by introspection (/account). */
public final class Server {
    private static final Map<String, String> ENV = System.getenv();
    private static final String MINIAUTH = ENV.get("MINIAUTH");
    private static final HttpClient HTTP = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
    private static final Tokens TOKENS = new Tokens(HTTP, MINIAUTH, ENV.getOrDefault("AUDIENCE", "shop"));

    /** Identifies the bearer of an Authorization header: returns the subject, or null if the user must log in. */
    private interface Trust {
        String subjectOf(String bearer) throws IOException, InterruptedException;
    }

    public static void main(String[] arguments) throws IOException {
        int port = Integer.parseInt(ENV.getOrDefault("PORT", "0"));
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        // Verifies a signed token locally, so a logout takes effect only when the token expires.
        server.createContext("/orders", exchange -> serve(exchange, TOKENS::subjectOf));
        server.createContext("/account", exchange -> serve(exchange, Server::askMiniauth));
        server.setExecutor(Executors.newFixedThreadPool(16));
        server.start();
        System.out.println("backend listening on http://127.0.0.1:" + server.getAddress().getPort());
    }

    private static void serve(HttpExchange exchange, Trust trust) throws IOException {
        try (exchange) {
            String bearer = bearerOf(exchange);
            String subject = bearer == null ? null : trust.subjectOf(bearer);
            if (subject == null) {
                unauthorized(exchange);
            } else {
                // 16 hexadecimal digits: nothing to escape.
                answer(exchange, 200, "application/json", "{\"subject\":\"" + subject + "\"}");
            }
        } catch (IOException | InterruptedException | RuntimeException error) {
            System.err.println(error);
            answer(exchange, 503, "application/problem+json", "{\"title\":\"Try again in a moment.\",\"status\":503}");
        }
    }

    private static String bearerOf(HttpExchange exchange) {
        String header = exchange.getRequestHeaders().getFirst("Authorization");
        return header != null && header.matches("(?i)Bearer \\S+") ? header.substring("Bearer ".length()) : null;
    }

    /** Asks miniauth about the session, so a logout takes effect at once. */
    private static String askMiniauth(String bearer) throws IOException, InterruptedException {
        byte[] credentials = (ENV.get("BACKEND_NAME") + ":" + ENV.get("BACKEND_SECRET")).getBytes(StandardCharsets.UTF_8);
        HttpRequest request = HttpRequest.newBuilder(URI.create(MINIAUTH + "/introspect"))
                .timeout(Duration.ofSeconds(5))
                .header("Authorization", "Basic " + Base64.getEncoder().encodeToString(credentials))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString("token=" + URLEncoder.encode(bearer, StandardCharsets.UTF_8)))
                .build();
        HttpResponse<String> answer = HTTP.send(request, HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != 200) throw new IOException("miniauth answered " + answer.statusCode());
        Map<String, Object> session = Json.readObject(answer.body());
        return Boolean.TRUE.equals(session.get("active")) ? (String) session.get("subject") : null;
    }

    /** The page's client takes this answer for an expired session, logs in again and retries once. */
    private static void unauthorized(HttpExchange exchange) throws IOException {
        exchange.getResponseHeaders().set("WWW-Authenticate", "Bearer error=\"invalid_token\"");
        answer(exchange, 401, "application/problem+json", "{\"type\":\"urn:miniauth:problem:session_unknown\",\"title\":\"Log in again.\","
                + "\"status\":401,\"code\":\"session_unknown\"}");
    }

    private static void answer(HttpExchange exchange, int status, String type, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }
}
