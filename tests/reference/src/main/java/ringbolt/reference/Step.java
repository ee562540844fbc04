package ringbolt.reference;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One line of a scenario: a verb, words, name=value options, and a JSON document that reaches to the end of the
 * line. The grammar is described in docs/dev/reference.md.
 */
record Step(
    int number, String line, String verb, List<String> words, Map<String, String> options, String json) {

  static Step parse(final int number, final String line) {
    final List<String> words = new ArrayList<>();
    final Map<String, String> options = new LinkedHashMap<>();
    String json = "";
    int at = 0;
    while (at < line.length()) {
      final char c = line.charAt(at);
      if (c == ' ') {
        at++;
        continue;
      }
      if (c == '{' || c == '[') {
        json = line.substring(at);
        break;
      }
      final int end = tokenEnd(line, at);
      addToken(line.substring(at, end), words, options);
      at = end;
    }
    if (words.isEmpty()) {
      throw new IllegalArgumentException("no verb in: " + line);
    }
    return new Step(number, line, words.remove(0), words, options, json);
  }

  private static int tokenEnd(final String line, final int start) {
    boolean quoted = false;
    int at = start;
    while (at < line.length() && (quoted || line.charAt(at) != ' ')) {
      if (line.charAt(at) == '"') {
        quoted = !quoted;
      }
      at++;
    }
    return at;
  }

  private static void addToken(
      final String token, final List<String> words, final Map<String, String> options) {
    final int equals = token.indexOf('=');
    if (equals <= 0) {
      words.add(unquoted(token));
      return;
    }
    options.put(token.substring(0, equals), unquoted(token.substring(equals + 1)));
  }

  private static String unquoted(final String text) {
    final boolean quoted = text.length() >= 2 && text.startsWith("\"") && text.endsWith("\"");
    return quoted ? text.substring(1, text.length() - 1) : text;
  }

  String word(final int index) {
    if (index >= words.size()) {
      throw new IllegalArgumentException("missing word " + (index + 1) + " in: " + line);
    }
    return words.get(index);
  }

  boolean has(final String word) {
    return words.contains(word);
  }

  String option(final String name, final String otherwise) {
    return options.getOrDefault(name, otherwise);
  }

  long number(final String name, final long otherwise) {
    final String value = options.get(name);
    return value == null ? otherwise : Long.parseLong(value);
  }

  List<String> list(final String name) {
    final String value = options.get(name);
    return value == null || value.isEmpty() ? List.of() : List.of(value.split(","));
  }
}
