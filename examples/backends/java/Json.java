import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads JSON, because the JDK has no reader: objects as maps, arrays as lists, numbers as doubles. Teams with Jackson or Gson use that.
 *
 * <p>Duplicate members and nesting deeper than 32 are rejected: both occur only in manipulated texts.
 */
final class Json {
    private static final int DEEPEST = 32;

    private final String text;
    private int at;

    private Json(String text) {
        this.text = text;
    }

    /** The value that the text holds. */
    static Object read(String text) {
        Json json = new Json(text);
        Object value = json.value(0);
        json.blanks();
        if (json.at != text.length()) throw json.wrong();
        return value;
    }

    /** The object that the text holds. */
    @SuppressWarnings("unchecked")
    static Map<String, Object> readObject(String text) {
        if (read(text) instanceof Map<?, ?> object) return (Map<String, Object>) object;
        throw new IllegalArgumentException("not a JSON object");
    }

    private Object value(int depth) {
        if (depth > DEEPEST) throw wrong();
        blanks();
        switch (next()) {
            case '{': return object(depth);
            case '[': return array(depth);
            case '"': return string();
            case 't': return word("rue", true);
            case 'f': return word("alse", false);
            case 'n': return word("ull", null);
            default: at--; return number();
        }
    }

    private Map<String, Object> object(int depth) {
        Map<String, Object> object = new LinkedHashMap<>();
        if (skip('}')) return object;
        do {
            blanks();
            if (next() != '"') throw wrong();
            String name = string();
            if (!skip(':') || object.containsKey(name)) throw wrong();
            object.put(name, value(depth + 1));
        } while (skip(','));
        if (!skip('}')) throw wrong();
        return object;
    }

    private List<Object> array(int depth) {
        List<Object> array = new ArrayList<>();
        if (skip(']')) return array;
        do array.add(value(depth + 1)); while (skip(','));
        if (!skip(']')) throw wrong();
        return array;
    }

    private String string() {
        StringBuilder string = new StringBuilder();
        for (char c = next(); c != '"'; c = next()) {
            if (c < ' ') throw wrong();
            string.append(c == '\\' ? escaped() : c);
        }
        return string.toString();
    }

    private char escaped() {
        char c = next();
        switch (c) {
            case '"': case '\\': case '/': return c;
            case 'b': return '\b';
            case 'f': return '\f';
            case 'n': return '\n';
            case 'r': return '\r';
            case 't': return '\t';
            case 'u':
                int unit = 0;
                for (int digits = 0; digits < 4; digits++) {
                    int digit = Character.digit(next(), 16);
                    if (digit < 0) throw wrong();
                    unit = unit * 16 + digit;
                }
                return (char) unit;
            default: throw wrong();
        }
    }

    private Double number() {
        int start = at;
        while (at < text.length() && "+-.0123456789eE".indexOf(text.charAt(at)) >= 0) at++;
        String number = text.substring(start, at);
        if (!number.matches("-?(0|[1-9][0-9]*)([.][0-9]+)?([eE][+-]?[0-9]+)?")) throw wrong();
        return Double.valueOf(number);
    }

    private Object word(String rest, Object value) {
        if (!text.startsWith(rest, at)) throw wrong();
        at += rest.length();
        return value;
    }

    private char next() {
        if (at == text.length()) throw wrong();
        return text.charAt(at++);
    }

    private boolean skip(char c) {
        blanks();
        if (at == text.length() || text.charAt(at) != c) return false;
        at++;
        return true;
    }

    private void blanks() {
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) at++;
    }

    private IllegalArgumentException wrong() {
        return new IllegalArgumentException("not JSON at character " + at);
    }
}
