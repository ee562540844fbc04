import com.fasterxml.jackson.databind.*;
import com.fasterxml.jackson.databind.node.*;
import org.camunda.feel.api.*;
import org.camunda.feel.syntaxtree.*;
import org.camunda.feel.valuemapper.*;
import java.io.*;
import java.math.BigDecimal;
import java.time.*;
import java.util.*;

/** Answers lines {"expression", "variables", "unary": bool, "input"} from the reference FEEL engine, in the form of the
 *  recorded data: numbers with every digit, temporal values in the text that the engine stores in variables. The clock stands still. */
public class Ref {
  static final ObjectMapper M = new ObjectMapper().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
      .setNodeFactory(JsonNodeFactory.withExactBigDecimals(true));
  static class Raw extends JavaCustomValueMapper {
    public Optional<Val> toValue(Object x, java.util.function.Function<Object, Val> f) { return Optional.empty(); }
    public Optional<Object> unpackValue(Val v, java.util.function.Function<Val, Object> f) { return Optional.of(v); }
    @Override public int priority() { return 100; }
  }
  static final org.camunda.feel.valuemapper.ValueMapper DEF = org.camunda.feel.FeelEngine.defaultValueMapper();
  static Object in(JsonNode n) {
    if (n == null || n.isNull()) return null;
    if (n.isBoolean()) return n.booleanValue();
    if (n.isNumber()) return n.isIntegralNumber() && n.canConvertToLong() ? (Object) n.longValue() : n.decimalValue();
    if (n.isTextual()) return n.textValue();
    if (n.isArray()) { List<Object> l = new ArrayList<>(); for (JsonNode c : n) l.add(in(c)); return l; }
    if (n.size() == 1) {
      String k = n.fieldNames().next(); String t = n.get(k).asText();
      switch (k) {
        case "@num": return new BigDecimal(t);
        case "@date": return LocalDate.parse(t);
        case "@dateTime": return LocalDateTime.parse(t);
        default: }
    }
    Map<String, Object> m = new LinkedHashMap<>();
    n.fields().forEachRemaining(e -> m.put(e.getKey(), in(e.getValue())));
    return m;
  }
  static JsonNode out(Object o) {
    JsonNodeFactory f = M.getNodeFactory();
    if (o == null) return f.nullNode();
    if (!(o instanceof Val)) { o = DEF.toVal(o); }
    if (o instanceof ValNumber n) return f.numberNode(n.value().bigDecimal());
    if (o instanceof ValBoolean b) return f.booleanNode(b.value());
    if (o instanceof ValString s) return f.textNode(s.value());
    if (o instanceof ValNull$) return f.nullNode();
    if (o instanceof ValList l) { ArrayNode a = f.arrayNode(); var it = l.itemsAsSeq().iterator(); while (it.hasNext()) a.add(out(it.next())); return a; }
    if (o instanceof ValContext c) { ObjectNode a = f.objectNode(); var it = c.context().variableProvider().getVariables().iterator();
      while (it.hasNext()) { var t = it.next(); a.set((String) t._1(), out(t._2())); } return a; }
    if (o instanceof ValRange || o instanceof ValFunction) return f.nullNode();
    if (o instanceof ValTime t) return f.textNode(t.value().format());
    if (o instanceof ValDate t) return f.textNode(t.value().toString());
    if (o instanceof ValLocalTime t) return f.textNode(t.value().toString());
    if (o instanceof ValDateTime t) return f.textNode(java.time.format.DateTimeFormatter.ISO_DATE_TIME.format(t.value()));
    if (o instanceof ValLocalDateTime t) return f.textNode(java.time.format.DateTimeFormatter.ISO_LOCAL_DATE_TIME.format(t.value()));
    if (o instanceof ValDayTimeDuration t) return f.textNode(t.toString());
    if (o instanceof ValYearMonthDuration t) return f.textNode(t.toString());
    return f.textNode(o.toString());
  }
  public static void main(String[] args) throws Exception {
    var zone = ZoneId.of("Europe/Berlin");
    var now = Instant.ofEpochMilli(1750000000123L).atZone(zone);
    var engine = FeelEngineBuilder.create().withCustomValueMapper(new Raw()).withClock(new org.camunda.feel.FeelEngineClock() {
      public ZonedDateTime getCurrentTime() { return now; } }).build();
    if (args.length > 0 && args[0].equals("functions")) {
      var fs = new org.camunda.feel.impl.interpreter.BuiltinFunctions(() -> now, DEF).functions();
      var it = fs.iterator();
      while (it.hasNext()) { var t = it.next(); System.out.print(t._1()); var j = ((scala.collection.immutable.List<?>) t._2()).iterator(); while (j.hasNext()) { var fn = (ValFunction) j.next(); System.out.print(" | " + fn.params().mkString(", ") + (fn.hasVarArgs() ? " ..." : "")); } System.out.println(); }
      return;
    }
    var r = new BufferedReader(new InputStreamReader(System.in, "UTF-8"));
    var w = new PrintWriter(new OutputStreamWriter(new FileOutputStream(FileDescriptor.out), "UTF-8"), false);
    System.setOut(System.err);
    String line;
    while ((line = r.readLine()) != null) {
      JsonNode q = M.readTree(line); ObjectNode a = M.createObjectNode();
      String[] failure = new String[1];
      Thread t = new Thread(null, () -> {
        try {
          Map<String, Object> vars = (Map<String, Object>) (q.has("variables") ? in(q.get("variables")) : new HashMap<>());
          EvaluationResult e = q.path("unary").booleanValue()
            ? engine.evaluateUnaryTests(q.get("expression").asText(), in(q.get("input")), vars)
            : engine.evaluateExpression(q.get("expression").asText(), vars);
          a.put("ok", e.isSuccess());
          if (e.isSuccess()) a.set("result", out(e.result())); else a.put("failure", e.failure().message());
          if (e.hasSuppressedFailures()) { ArrayNode n = a.putArray("warnings"); for (EvaluationFailure f : e.getSuppressedFailures()) n.add(f.failureType() + ": " + f.failureMessage()); }
        } catch (Throwable ex) { a.put("ok", false); a.put("failure", "threw " + ex); }
      }, "w", 64 << 20);
      t.start(); t.join();
      w.println(M.writeValueAsString(a)); w.flush();
    }
  }
}
