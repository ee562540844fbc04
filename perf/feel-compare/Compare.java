import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.FileInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.camunda.dmn.DmnEngine;
import org.camunda.dmn.parser.ParsedDmn;
import org.camunda.feel.FeelEngine;
import org.camunda.feel.api.FeelEngineApi;
import org.camunda.feel.api.FeelEngineBuilder;
import org.camunda.feel.context.Context;
import org.camunda.feel.valuemapper.ValueMapper;
import scala.util.Either;

/**
 * Nanoseconds per evaluation of Camunda's FEEL and DMN engines over the cases of `cases.py`: parsed once, evaluated
 * many times, after the compilers of the JVM had their time. Prints "CASE prepared|json NS": with variables that are the
 * engine's values already (Java maps for a decision, which takes nothing else), and with their JSON text read before every
 * evaluation and handed over as maps.
 */
public final class Compare {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);
  private static final long WARM_UP_NS = 4_000_000_000L;
  /** Short, so that some rounds pass undisturbed on a busy machine (and without a collection of garbage). */
  private static final long ROUND_NS = 8_000_000L;
  private static final int ROUNDS = 250;

  /** Where results go, so that no evaluation can be left out. */
  private static volatile Object sink;

  private static double best(IntFunction<Object> evaluate) {
    long per = 0;
    for (long start = System.nanoTime(); System.nanoTime() - start < WARM_UP_NS; per++) {
      sink = evaluate.apply((int) (per & 63));
    }
    int count = (int) Math.max(1, per * ROUND_NS / WARM_UP_NS);
    double best = Double.MAX_VALUE;
    for (int round = 0; round < ROUNDS; round++) {
      long start = System.nanoTime();
      for (int at = 0; at < count; at++) {
        sink = evaluate.apply(at & 63);
      }
      best = Math.min(best, (System.nanoTime() - start) / (double) count);
    }
    return best;
  }

  private static void report(String name, String way, IntFunction<Object> evaluate) {
    System.out.printf("%s %s %.0f%n", name, way, best(evaluate));
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> variables(String json) {
    try {
      return JSON.readValue(json, Map.class);
    } catch (Exception error) {
      throw new IllegalStateException(error);
    }
  }

  /** The variables as the engine's own values, found by name: the least that an evaluation can be given. */
  private static Context context(Map<String, Object> variables) {
    ValueMapper mapper = FeelEngine.defaultValueMapper();
    Map<String, Object> values = new HashMap<>();
    variables.forEach((name, value) -> values.put(name, mapper.toVal(value)));
    return new Context.StaticContext(
        scala.collection.immutable.Map.from(scala.jdk.javaapi.CollectionConverters.asScala(values)),
        scala.collection.immutable.Map$.MODULE$.empty());
  }

  private static Object expected(String wanted, Object got, String name) {
    if (!wanted.equals(String.valueOf(got))) {
      throw new IllegalStateException(name + ": " + got + " instead of " + wanted);
    }
    return got;
  }

  private static void expression(JsonNode line) {
    FeelEngineApi engine = FeelEngineBuilder.create().build();
    var parsed = engine.parseExpression(line.get("expression").textValue()).parsedExpression();
    String json = line.get("variables").toString();
    Map<String, Object> prepared = variables(json);
    String name = line.get("name").textValue();
    Context context = context(prepared);
    expected(line.get("result").asText(), engine.evaluate(parsed, prepared).result(), name);
    expected(line.get("result").asText(), engine.evaluate(parsed, context).result(), name);
    report(name, "prepared", at -> engine.evaluate(parsed, context).result());
    report(name, "json", at -> engine.evaluate(parsed, variables(json)).result());
  }

  private static <L, R> R right(Either<L, R> either) {
    return either.getOrElse(() -> {
      throw new IllegalStateException(String.valueOf(either));
    });
  }

  private static void decision(JsonNode line, Path model) throws Exception {
    DmnEngine engine = new DmnEngine.Builder().build();
    ParsedDmn parsed;
    try (var stream = new FileInputStream(model.toFile())) {
      parsed = right(engine.parse(stream));
    }
    List<String> texts = new ArrayList<>();
    List<Map<String, Object>> prepared = new ArrayList<>();
    String decision = line.get("decision").textValue();
    String name = line.get("name").textValue();
    for (int at = 0; at < 64; at++) {
      texts.add(line.get("inputs").get(at).toString());
      prepared.add(variables(texts.get(at)));
      Object result = right(engine.eval(parsed, decision, prepared.get(at)));
      expected("Result(" + line.get("results").get(at) + ")", stripped(result), name);
    }
    report(name, "prepared", at -> right(engine.eval(parsed, decision, prepared.get(at))));
    report(name, "json", at -> right(engine.eval(parsed, decision, variables(texts.get(at)))));
  }

  /** A result's first field alone: the record of the evaluation follows it. */
  private static String stripped(Object result) {
    return "Result(" + ((scala.Product) ((DmnEngine.EvalResult) result)).productElement(0) + ")";
  }

  public static void main(String[] args) throws Exception {
    Path folder = Path.of(args[0]);
    for (String line : Files.readAllLines(folder.resolve("cases.jsonl"))) {
      JsonNode node = JSON.readTree(line);
      if (node.has("expression")) {
        expression(node);
      } else {
        decision(node, folder.resolve("table.dmn"));
      }
    }
  }
}
