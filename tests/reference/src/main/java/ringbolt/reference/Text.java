package ringbolt.reference;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.camunda.zeebe.protocol.impl.record.RecordMetadata;
import io.camunda.zeebe.protocol.record.RecordType;
import io.camunda.zeebe.protocol.record.ValueType;
import io.camunda.zeebe.protocol.record.intent.Intent;
import io.camunda.zeebe.protocol.record.intent.JobIntent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Records and answers as lines of text that do not depend on generated keys or on the hour. A field that holds
 * its default is left out; docs/dev/reference.md lists the fields.
 */
final class Text {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS);
  private static final String BARE = "[A-Za-z0-9_.:/<>+-]+";
  private static final Pattern CONSTANTS = Pattern.compile("\\[[A-Z_]+(, [A-Z_]+)+\\]");
  private static final Set<Intent> RETRIES =
      Set.of(JobIntent.FAIL, JobIntent.UPDATE_RETRIES, JobIntent.UPDATE);
  /** Numbers that mean something when they are -1. */
  private static final Set<String> NUMBERS = Set.of("retries", "repetitions");
  private static final Set<String> TIMES = Set.of("deadline", "recurringTime", "dueDate", "creationTimestamp");
  private static final Set<String> JSON_TEXT = Set.of("value");
  private static final List<String> INSTANCE = List.of("processInstanceKey", "processDefinitionKey");

  /** Which fields of a record are written, and in which order. Other value types are written whole. */
  private static final Map<ValueType, List<String>> FIELDS =
      Map.ofEntries(
          Map.entry(
              ValueType.PROCESS_INSTANCE,
              fields("bpmnElementType bpmnEventType elementId flowScopeKey", INSTANCE,
                  "parentProcessInstanceKey parentElementInstanceKey tags tenantId")),
          Map.entry(
              ValueType.JOB,
              fields("type retries worker deadline timeout retryBackoff recurringTime errorCode errorMessage"
                      + " customHeaders variables changedAttributes jobKind jobListenerEventType elementId"
                      + " elementInstanceKey", INSTANCE, "tags tenantId")),
          Map.entry(
              ValueType.MESSAGE,
              fields("name correlationKey messageId timeToLive deadline variables", List.of(), "tenantId")),
          Map.entry(
              ValueType.MESSAGE_SUBSCRIPTION,
              fields("messageName correlationKey messageKey bpmnProcessId elementInstanceKey interrupting variables",
                  INSTANCE, "tenantId")),
          Map.entry(
              ValueType.PROCESS_MESSAGE_SUBSCRIPTION,
              fields("messageName correlationKey messageKey bpmnProcessId elementId elementInstanceKey interrupting"
                      + " variables",
                  INSTANCE, "tenantId")),
          Map.entry(
              ValueType.MESSAGE_START_EVENT_SUBSCRIPTION,
              fields("messageName startEventId bpmnProcessId correlationKey messageKey variables", INSTANCE, "tenantId")),
          Map.entry(
              ValueType.MESSAGE_CORRELATION,
              fields("name correlationKey messageKey requestId requestStreamId variables",
                  List.of("processInstanceKey"), "tenantId")),
          Map.entry(
              ValueType.SIGNAL_SUBSCRIPTION,
              fields("signalName catchEventId catchEventInstanceKey bpmnProcessId", INSTANCE, "tenantId")),
          Map.entry(
              ValueType.JOB_BATCH,
              fields("type worker timeout maxJobsToActivate variables jobKeys truncated", List.of(), "")),
          Map.entry(
              ValueType.PROCESS_INSTANCE_CREATION,
              fields("bpmnProcessId version", INSTANCE,
                  "variables fetchVariables startInstructions runtimeInstructions tags tenantId")),
          Map.entry(
              ValueType.PROCESS_INSTANCE_RESULT,
              fields("bpmnProcessId version", INSTANCE, "variables tags tenantId")),
          Map.entry(
              ValueType.USER_TASK,
              fields("assignee candidateGroupsList candidateUsersList dueDate followUpDate priority formKey"
                      + " externalFormReference changedAttributes action deniedReason customHeaders variables"
                      + " creationTimestamp elementId elementInstanceKey", INSTANCE, "tags tenantId")),
          Map.entry(ValueType.VARIABLE, fields("name scopeKey", INSTANCE, "tenantId value")),
          Map.entry(ValueType.ASYNC_REQUEST, List.of("scopeKey", "valueType", "intent")),
          Map.entry(
              ValueType.VARIABLE_DOCUMENT,
              fields("scopeKey updateSemantics variables", List.of(), "tenantId")),
          Map.entry(
              ValueType.INCIDENT,
              fields("errorType errorMessage elementId elementInstanceKey jobKey variableScopeKey", INSTANCE,
                  "tenantId")),
          Map.entry(
              ValueType.PROCESS,
              fields("bpmnProcessId version versionTag processDefinitionKey resourceName deploymentKey",
                  List.of(), "tenantId")),
          Map.entry(
              ValueType.DEPLOYMENT,
              fields("resources processesMetadata decisionsMetadata decisionRequirementsMetadata"
                      + " formMetadata resourceMetadata deploymentKey",
                  List.of(), "tenantId")),
          Map.entry(
              ValueType.FORM,
              fields("formId version versionTag formKey resourceName deploymentKey", List.of(), "tenantId")),
          Map.entry(
              ValueType.RESOURCE,
              fields("resourceId version versionTag resourceKey resourceName deploymentKey", List.of(), "tenantId")),
          Map.entry(
              ValueType.DECISION_REQUIREMENTS,
              fields("decisionRequirementsId decisionRequirementsName decisionRequirementsVersion"
                      + " decisionRequirementsKey namespace resourceName deploymentKey",
                  List.of(), "tenantId")));

  private final Names names;

  Text(final Names names) {
    this.names = names;
  }

  private static List<String> fields(
      final String first, final List<String> middle, final String last) {
    final List<String> all = new ArrayList<>(List.of(first.split(" ")));
    all.addAll(middle);
    if (!last.isEmpty()) {
      all.addAll(List.of(last.split(" ")));
    }
    return List.copyOf(all);
  }

  String record(final ReferenceEngine.Logged logged) {
    final RecordMetadata meta = logged.meta();
    final StringBuilder line = new StringBuilder();
    line.append(letter(meta.getRecordType())).append(' ').append(meta.getValueType());
    line.append(' ').append(meta.getIntent());
    if (logged.key() >= 0) {
      line.append(" key=").append(names.key(logged.key()));
    }
    final String fields = value(meta.getValueType(), logged.value().toJson());
    // A command that does not speak of retries carries -1.
    final boolean unset = meta.getRecordType() != RecordType.EVENT && !RETRIES.contains(meta.getIntent());
    line.append(unset ? fields.replace(" retries=-1", "") : fields);
    if (meta.getOperationReference() >= 0) {
      line.append(" operationReference=").append(meta.getOperationReference());
    }
    if (meta.getRecordType() == RecordType.COMMAND_REJECTION) {
      line.append(" rejection=").append(meta.getRejectionType());
      line.append(" reason=").append(reason(meta.getRejectionReason()));
    }
    return line.toString();
  }

  /** The text of a rejection, quoted. The engine lists a model's errors and its constants in no fixed order: here sorted. */
  String reason(final String reason) {
    final StringBuilder sorted = new StringBuilder();
    for (final String resource : reason.split("(?=\n')")) {
      final String[] parts = resource.split("(?=- Element: )");
      Arrays.sort(parts, 1, parts.length);
      sorted.append(String.join("", parts));
    }
    return quoted(names.text(CONSTANTS.matcher(sorted).replaceAll(list -> sortedList(list.group()))));
  }

  private static String sortedList(final String list) {
    final String[] items = list.substring(1, list.length() - 1).split(", ");
    Arrays.sort(items);
    return "[" + String.join(", ", items) + "]";
  }

  private static String letter(final RecordType type) {
    return switch (type) {
      case COMMAND -> "C";
      case EVENT -> "E";
      case COMMAND_REJECTION -> "R";
      default -> throw new IllegalArgumentException("not a record type of a log: " + type);
    };
  }

  private String value(final ValueType type, final String json) {
    final JsonNode tree = parse(json);
    final List<String> wanted =
        FIELDS.getOrDefault(type, new ArrayList<>(new TreeMap<>(fieldsOf(tree)).keySet()));
    return wanted.stream().map(name -> field(name, tree.get(name))).collect(Collectors.joining());
  }

  /** " name=value", or nothing when the field has its default. */
  String field(final String name, final JsonNode value) {
    if (value == null || isDefault(name, value)) {
      return "";
    }
    return " " + name + "=" + format(name, value);
  }

  private static boolean isDefault(final String name, final JsonNode value) {
    if (value.isNumber()) {
      final long number = value.asLong();
      return number == -1 && !NUMBERS.contains(name)
          || number == 0 && !name.equals("retries") && !name.equals("timeout");
    }
    return value.isNull()
        || value.isContainerNode() && value.isEmpty()
        || value.isBoolean() && !value.asBoolean()
        || Set.of("", "UNSPECIFIED", "<default>", "BPMN_ELEMENT").contains(value.asText())
            && value.isTextual();
  }

  private String format(final String name, final JsonNode value) {
    if (TIMES.contains(name) && value.isNumber()) {
      return "+" + (value.asLong() - ReferenceEngine.START.toEpochMilli());
    }
    if (value.isNumber()) {
      return name.toLowerCase().endsWith("key") ? names.key(value.asLong()) : value.asText();
    }
    if (JSON_TEXT.contains(name)) {
      return canonical(value.asText());
    }
    if (value.isTextual()) {
      return quoted(names.text(value.asText()));
    }
    if (value.isArray()) {
      final String item = name.endsWith("s") ? name.substring(0, name.length() - 1) : name;
      final List<String> items = new ArrayList<>();
      value.forEach(element -> items.add(item(item, element)));
      return "[" + String.join(" ", items) + "]";
    }
    return value.isObject() ? names.text(canonical(value.toString())) : value.asText();
  }

  private String item(final String name, final JsonNode value) {
    if (!value.isObject()) {
      return format(name, value);
    }
    // Checksums and resource bytes say nothing that the resource's name does not.
    final StringBuilder inner = new StringBuilder();
    new TreeMap<>(fieldsOf(value))
        .forEach(
            (key, field) -> {
              if (!key.equals("checksum") && !key.equals("resource")) {
                inner.append(field(key, field));
              }
            });
    return "(" + inner.toString().strip() + ")";
  }

  private static Map<String, JsonNode> fieldsOf(final JsonNode tree) {
    final Map<String, JsonNode> out = new TreeMap<>();
    tree.fields().forEachRemaining(entry -> out.put(entry.getKey(), entry.getValue()));
    return out;
  }

  static JsonNode parse(final String json) {
    try {
      return JSON.readTree(json);
    } catch (final JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /** JSON without spaces, object members sorted by name at every depth. */
  static String canonical(final String json) {
    try {
      return JSON.writeValueAsString(JSON.treeToValue(JSON.readTree(json), Object.class));
    } catch (final JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  static String quoted(final String text) {
    if (text.matches(BARE)) {
      return text;
    }
    try {
      return JSON.writeValueAsString(text);
    } catch (final JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}
