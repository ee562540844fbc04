package ringbolt.reference;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Both directions of naming. Out: a generated key becomes k1, k2, ... in the order in which the recorded text
 * first mentions it. In: job1, pi1, incident1, process1, pi1:element name what the records created, in order.
 */
final class Names {
  private static final Pattern LONG_NUMBER = Pattern.compile("(?<!\\d)\\d{10,18}(?!\\d)");
  private static final Pattern REFERENCE = Pattern.compile("(job|pi|incident|process|decision|drg|task|form|resource)(\\d+)");

  private final Map<Long, String> symbols = new LinkedHashMap<>();
  private final Set<Long> literals = new HashSet<>();
  private final Map<String, List<Long>> bound = new HashMap<>();

  /** Numbers that the scenario itself spells out stay as they are. */
  void keepLiterals(final String scenario) {
    final Matcher matcher = LONG_NUMBER.matcher(scenario);
    while (matcher.find()) {
      literals.add(Long.parseLong(matcher.group()));
    }
  }

  String key(final long key) {
    if (key < 0 || literals.contains(key) || key < 1_000_000) {
      return Long.toString(key);
    }
    return symbols.computeIfAbsent(key, ignored -> "k" + (symbols.size() + 1));
  }

  /** Replaces the keys that a message text mentions. Numbers that are no known key stay. */
  String text(final String text) {
    final Matcher matcher = LONG_NUMBER.matcher(text);
    return matcher.replaceAll(
        found -> {
          final String symbol = symbols.get(Long.parseLong(found.group()));
          return symbol == null ? found.group() : symbol;
        });
  }

  void bind(final String kind, final long key) {
    bound.computeIfAbsent(kind, ignored -> new ArrayList<>()).add(key);
  }

  /** The key a scenario's word stands for: job1, pi1:task, pi1:task#2, or a plain number. */
  long resolve(final String word) {
    if (word.matches("-?\\d+")) {
      return Long.parseLong(word);
    }
    final int colon = word.indexOf(':');
    if (colon > 0) {
      return element(word.substring(0, colon), word.substring(colon + 1));
    }
    final Matcher matcher = REFERENCE.matcher(word);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("not a name or number: " + word);
    }
    return nth(matcher.group(1), Integer.parseInt(matcher.group(2)));
  }

  private long element(final String instance, final String element) {
    // An id may have one of its own: adhoc#innerInstance, adhoc#innerInstance#2.
    final int hash = element.matches(".*#\\d+") ? element.lastIndexOf('#') : -1;
    final String id = hash < 0 ? element : element.substring(0, hash);
    final int index = hash < 0 ? 1 : Integer.parseInt(element.substring(hash + 1));
    return nth(resolve(instance) + ":" + id, index);
  }

  private long nth(final String kind, final int index) {
    final List<Long> keys = bound.getOrDefault(kind, List.of());
    if (index < 1 || index > keys.size()) {
      throw new IllegalArgumentException("there is no " + kind + " number " + index + " yet");
    }
    return keys.get(index - 1);
  }
}
