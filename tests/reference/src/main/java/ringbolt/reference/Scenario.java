package ringbolt.reference;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.camunda.zeebe.protocol.impl.record.value.incident.IncidentRecord;
import io.camunda.zeebe.protocol.impl.record.value.job.JobRecord;
import io.camunda.zeebe.protocol.impl.record.value.processinstance.ProcessInstanceRecord;
import io.camunda.zeebe.protocol.impl.record.value.variable.VariableRecord;
import io.camunda.zeebe.protocol.record.RecordType;
import io.camunda.zeebe.protocol.record.RejectionType;
import io.camunda.zeebe.protocol.record.intent.DecisionIntent;
import io.camunda.zeebe.protocol.record.intent.DecisionRequirementsIntent;
import io.camunda.zeebe.protocol.record.intent.FormIntent;
import io.camunda.zeebe.protocol.record.intent.IncidentIntent;
import io.camunda.zeebe.protocol.record.intent.JobIntent;
import io.camunda.zeebe.protocol.record.intent.ProcessInstanceIntent;
import io.camunda.zeebe.protocol.record.intent.ProcessIntent;
import io.camunda.zeebe.protocol.record.intent.ResourceIntent;
import io.camunda.zeebe.protocol.record.intent.UserTaskIntent;
import io.camunda.zeebe.protocol.record.value.BpmnElementType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Plays one scenario against a fresh engine and returns what happened, as text. */
final class Scenario {
  private static final List<String> CREATED =
      List.of("bpmnProcessId", "version", "processDefinitionKey", "processInstanceKey", "variables", "tags");
  private static final List<String> DECISION =
      List.of("decisionId", "decisionName", "version", "decisionKey", "decisionRequirementsId", "decisionRequirementsKey");
  private static final List<String> DRG =
      List.of(
          "decisionRequirementsId", "decisionRequirementsName", "decisionRequirementsVersion",
          "decisionRequirementsKey", "resourceName");
  private static final List<String> FORM = List.of("formId", "version", "formKey", "resourceName");
  private static final List<String> RESOURCE = List.of("resourceId", "version", "resourceKey", "resourceName");
  private static final List<String> EVALUATED =
      List.of("decisionId", "decisionKey", "failedDecisionId", "evaluationFailureMessage", "decisionOutput");
  private static final List<String> JOB =
      List.of(
          "type", "retries", "worker", "deadline", "elementId", "elementInstanceKey", "bpmnProcessId",
          "processDefinitionVersion", "processDefinitionKey", "processInstanceKey", "customHeaders",
          "variables", "tags");

  private final Names names = new Names();
  private final Text text = new Text(names);
  private final StringBuilder out = new StringBuilder();
  private final StringBuilder records = new StringBuilder();
  private final Map<Integer, Long> open = new LinkedHashMap<>();
  private final Commands commands;
  private final Path file;

  Scenario(final Path file, final Path sharedModels) {
    this.file = file;
    commands = new Commands(names, List.of(file.getParent(), sharedModels));
  }

  String play() throws Exception {
    final List<String> lines = Files.readAllLines(file);
    names.keepLiterals(String.join("\n", lines));
    try (ReferenceEngine engine = new ReferenceEngine()) {
      int number = 0;
      for (final String raw : lines) {
        final String line = raw.strip();
        if (line.isEmpty() || line.startsWith("#")) {
          continue;
        }
        final Step step = Step.parse(++number, line);
        out.append("> ").append(line).append('\n');
        play(engine, step);
        writeRecords(engine);
        writeAnswers(engine, step);
      }
    }
    open.keySet().forEach(step -> out.append("=").append(step).append(" no answer\n"));
    return out.toString();
  }

  /** The events with all their fields, one JSON object a line, after {@link #play()}. */
  String records() {
    return records.toString();
  }

  private void play(final ReferenceEngine engine, final Step step) throws IOException {
    final Commands.Command command = commands.of(step);
    if (command != null) {
      final long request =
          engine.send(
              command.key(),
              command.type(),
              command.intent(),
              command.value(),
              step.number("operationReference", -1));
      open.put(step.number(), request);
      engine.settle(0);
      return;
    }
    switch (step.verb()) {
      case "advance" -> engine.advance(Duration.ofMillis(Long.parseLong(step.word(0))));
      case "open-stream" ->
          engine.streams.open(
              step.number(),
              step.word(0),
              step.option("worker", ""),
              step.number("timeout", 60_000),
              step.list("fetch"),
              List.of("<default>"));
      case "close-stream" -> engine.streams.close(step.word(0));
      default -> throw new IllegalArgumentException("unknown verb: " + step.line());
    }
  }

  private void writeRecords(final ReferenceEngine engine) {
    for (final ReferenceEngine.Logged logged : sortVariables(engine.newRecords())) {
      bind(logged);
      keep(logged);
      out.append(text.record(logged)).append('\n');
    }
  }

  /** Bytes of resources say nothing about fields: they are left out. */
  private void keep(final ReferenceEngine.Logged logged) {
    if (logged.meta().getRecordType() != RecordType.EVENT) {
      return;
    }
    final ObjectNode value = (ObjectNode) Text.parse(logged.value().toJson());
    for (final String bytes : List.of("resource", "checksum")) {
      if (value.has(bytes)) {
        value.put(bytes, "");
      }
    }
    final ObjectNode line = value.objectNode();
    line.put("valueType", logged.meta().getValueType().name());
    line.put("intent", logged.meta().getIntent().name());
    line.put("key", logged.key());
    line.put("operationReference", logged.meta().getOperationReference());
    line.set("authorizations", new ObjectMapper().valueToTree(logged.meta().getAuthorization().toDecodedMap()));
    line.set("value", value);
    records.append(line).append('\n');
  }

  /**
   * Sorts neighbouring variable events of one scope by name. The engine writes them in the order of a hash table,
   * which says nothing; events of one name keep their order.
   */
  private static List<ReferenceEngine.Logged> sortVariables(final List<ReferenceEngine.Logged> records) {
    final List<ReferenceEngine.Logged> out = new ArrayList<>(records);
    for (int start = 0; start < out.size(); start++) {
      int end = start;
      while (end < out.size() && sameScope(out.get(start), out.get(end))) {
        end++;
      }
      if (end > start + 1) {
        out.subList(start, end)
            .sort(Comparator.comparing(logged -> ((VariableRecord) logged.value()).getName()));
        start = end - 1;
      }
    }
    return out;
  }

  private static boolean sameScope(final ReferenceEngine.Logged a, final ReferenceEngine.Logged b) {
    return a.value() instanceof final VariableRecord first
        && b.value() instanceof final VariableRecord second
        && first.getScopeKey() == second.getScopeKey();
  }

  private void bind(final ReferenceEngine.Logged logged) {
    if (logged.meta().getRecordType() != RecordType.EVENT) {
      return;
    }
    final var intent = logged.meta().getIntent();
    if (intent == JobIntent.CREATED && logged.value() instanceof JobRecord) {
      names.bind("job", logged.key());
    } else if (intent == IncidentIntent.CREATED && logged.value() instanceof IncidentRecord) {
      names.bind("incident", logged.key());
    } else if (intent == UserTaskIntent.CREATED) {
      names.bind("task", logged.key());
    } else if (intent == DecisionIntent.CREATED) {
      names.bind("decision", logged.key());
    } else if (intent == DecisionRequirementsIntent.CREATED) {
      names.bind("drg", logged.key());
    } else if (intent == FormIntent.CREATED) {
      names.bind("form", logged.key());
    } else if (intent == ResourceIntent.CREATED) {
      names.bind("resource", logged.key());
    } else if (intent == ProcessIntent.CREATED) {
      names.bind("process", logged.key());
    } else if (intent == ProcessInstanceIntent.ELEMENT_ACTIVATING
        && logged.value() instanceof final ProcessInstanceRecord instance) {
      if (instance.getBpmnElementType() == BpmnElementType.PROCESS) {
        names.bind("pi", logged.key());
      }
      names.bind(instance.getProcessInstanceKey() + ":" + instance.getElementId(), logged.key());
    }
  }

  private void writeAnswers(final ReferenceEngine engine, final Step now) {
    open.entrySet()
        .removeIf(
            entry -> {
              final Answer answer = engine.answers.take(entry.getValue());
              if (answer != null) {
                write(entry.getKey() == now.number() ? "" : entry.getKey().toString(), answer);
              }
              return answer != null;
            });
    for (var pushed = engine.streams.poll(); pushed != null; pushed = engine.streams.poll()) {
      final JsonNode job = Text.parse(pushed.job().jobRecord().toJson());
      out.append("=").append(pushed.step()).append(" pushed key=");
      out.append(names.key(pushed.job().jobKey())).append(fields(JOB, job)).append('\n');
    }
  }

  private void write(final String step, final Answer answer) {
    if (answer.rejected()) {
      out.append("!").append(step).append(' ').append(status(answer.rejection())).append(' ');
      final String message =
          String.format(
              "Command '%s' rejected with code '%s': %s",
              answer.intent(), answer.rejection(), answer.reason());
      out.append(text.reason(message)).append('\n');
      return;
    }
    final JsonNode value = Text.parse(answer.value().toJson());
    final String start = "=" + step + " ";
    switch (answer.valueType()) {
      case DEPLOYMENT -> {
        out.append(start).append("deployed key=").append(names.key(answer.key())).append('\n');
        for (final JsonNode process : value.get("processesMetadata")) {
          out.append(start).append("process");
          out.append(
              fields(List.of("bpmnProcessId", "version", "processDefinitionKey", "resourceName"), process));
          out.append('\n');
        }
        for (final JsonNode decision : value.get("decisionsMetadata")) {
          out.append(start).append("decision").append(fields(DECISION, decision)).append('\n');
        }
        for (final JsonNode drg : value.get("decisionRequirementsMetadata")) {
          out.append(start).append("drg").append(fields(DRG, drg)).append('\n');
        }
        for (final JsonNode form : value.get("formMetadata")) {
          out.append(start).append("form").append(fields(FORM, form)).append('\n');
        }
        for (final JsonNode resource : value.get("resourceMetadata")) {
          out.append(start).append("resource").append(fields(RESOURCE, resource)).append('\n');
        }
      }
      case DECISION_EVALUATION -> {
        out.append(start).append("evaluated key=").append(names.key(answer.key()));
        out.append(fields(EVALUATED, value)).append('\n');
      }
      case PROCESS_INSTANCE_CREATION -> created(start + "created", value);
      case PROCESS_INSTANCE_RESULT -> created(start + "result", value);
      case JOB_BATCH -> {
        if (value.get("jobs").isEmpty()) {
          out.append(start).append("no jobs\n");
        }
        for (int i = 0; i < value.get("jobs").size(); i++) {
          out.append(start).append("job key=").append(names.key(value.get("jobKeys").get(i).asLong()));
          out.append(fields(JOB, value.get("jobs").get(i))).append('\n');
        }
      }
      case MESSAGE -> out.append(start).append("ok key=").append(names.key(answer.key())).append('\n');
      case VARIABLE_DOCUMENT -> out.append(start).append("ok key=").append(names.key(answer.key())).append('\n');
      default -> out.append(start).append("ok\n");
    }
  }

  private void created(final String start, final JsonNode value) {
    final boolean result = value.has("variables") && start.endsWith("result");
    final List<String> wanted =
        result ? CREATED : CREATED.stream().filter(name -> !name.equals("variables")).toList();
    out.append(start).append(fields(wanted, value)).append('\n');
  }

  private String fields(final List<String> wanted, final JsonNode value) {
    final StringBuilder line = new StringBuilder();
    wanted.forEach(name -> line.append(text.field(name, value.get(name))));
    return line.toString();
  }

  /** The gRPC status that Camunda's gateway gives a rejection. */
  private static String status(final RejectionType type) {
    return switch (type) {
      case INVALID_ARGUMENT -> "INVALID_ARGUMENT";
      case NOT_FOUND -> "NOT_FOUND";
      case ALREADY_EXISTS -> "ALREADY_EXISTS";
      case INVALID_STATE -> "FAILED_PRECONDITION";
      case PROCESSING_ERROR -> "INTERNAL";
      case UNAUTHORIZED, FORBIDDEN -> "PERMISSION_DENIED";
      default -> "UNKNOWN";
    };
  }
}
