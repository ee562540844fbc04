package ringbolt.reference;

import io.camunda.zeebe.protocol.impl.encoding.MsgPackConverter;
import io.camunda.zeebe.protocol.impl.record.UnifiedRecordValue;
import io.camunda.zeebe.protocol.impl.record.value.decision.DecisionEvaluationRecord;
import io.camunda.zeebe.protocol.impl.record.value.deployment.DeploymentRecord;
import io.camunda.zeebe.protocol.impl.record.value.incident.IncidentRecord;
import io.camunda.zeebe.protocol.impl.record.value.job.JobBatchRecord;
import io.camunda.zeebe.protocol.impl.record.value.job.JobRecord;
import io.camunda.zeebe.protocol.impl.record.value.message.MessageCorrelationRecord;
import io.camunda.zeebe.protocol.impl.record.value.message.MessageRecord;
import io.camunda.zeebe.protocol.impl.record.value.signal.SignalRecord;
import io.camunda.zeebe.protocol.impl.record.value.processinstance.ProcessInstanceCreationRecord;
import io.camunda.zeebe.protocol.impl.record.value.processinstance.ProcessInstanceCreationRuntimeInstruction;
import io.camunda.zeebe.protocol.impl.record.value.processinstance.ProcessInstanceCreationStartInstruction;
import io.camunda.zeebe.protocol.impl.record.value.processinstance.ProcessInstanceRecord;
import io.camunda.zeebe.protocol.impl.record.value.usertask.UserTaskRecord;
import io.camunda.zeebe.protocol.impl.record.value.variable.VariableDocumentRecord;
import io.camunda.zeebe.protocol.record.ValueType;
import io.camunda.zeebe.protocol.record.intent.DecisionEvaluationIntent;
import io.camunda.zeebe.protocol.record.intent.DeploymentIntent;
import io.camunda.zeebe.protocol.record.intent.IncidentIntent;
import io.camunda.zeebe.protocol.record.intent.Intent;
import io.camunda.zeebe.protocol.record.intent.JobBatchIntent;
import io.camunda.zeebe.protocol.record.intent.JobIntent;
import io.camunda.zeebe.protocol.record.intent.MessageCorrelationIntent;
import io.camunda.zeebe.protocol.record.intent.MessageIntent;
import io.camunda.zeebe.protocol.record.intent.ProcessInstanceCreationIntent;
import io.camunda.zeebe.protocol.record.intent.ProcessInstanceIntent;
import io.camunda.zeebe.protocol.record.intent.SignalIntent;
import io.camunda.zeebe.protocol.record.intent.UserTaskIntent;
import io.camunda.zeebe.protocol.record.intent.VariableDocumentIntent;
import io.camunda.zeebe.protocol.record.value.RuntimeInstructionType;
import io.camunda.zeebe.protocol.record.value.VariableDocumentUpdateSemantic;
import io.camunda.zeebe.util.buffer.BufferUtil;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import org.agrona.DirectBuffer;

/** Scenario steps to engine commands, with the fields that the gateway sets. */
final class Commands {
  /** A command ready to be written; a key below 0 means none. */
  record Command(long key, ValueType type, Intent intent, UnifiedRecordValue value) {}

  private final Names names;
  private final List<Path> modelFolders;
  private final Running running;

  Commands(final Names names, final List<Path> modelFolders) {
    this.names = names;
    this.modelFolders = modelFolders;
    running = new Running(names);
  }

  /** The command of a step, or null when the verb is not a command to the engine. */
  Command of(final Step step) throws IOException {
    return switch (step.verb()) {
      case "deploy" -> deploy(step);
      case "create" -> create(step);
      case "evaluate" -> evaluate(step);
      case "activate" -> activate(step);
      case "complete" -> job(step, JobIntent.COMPLETE, Running.withResult(job(step), step));
      case "fail" -> job(step, JobIntent.FAIL, job(step)
          .setRetries((int) step.number("retries", 0))
          .setRetryBackoff(step.number("backoff", 0))
          .setErrorMessage(step.option("message", "")));
      case "throw" -> job(step, JobIntent.THROW_ERROR, job(step)
          .setErrorCode(BufferUtil.wrapString(step.option("code", "")))
          .setErrorMessage(step.option("message", "")));
      case "update-retries" -> job(step, JobIntent.UPDATE_RETRIES, new JobRecord()
          .setRetries((int) step.number("retries", 0)));
      case "update-timeout" -> job(step, JobIntent.UPDATE_TIMEOUT, new JobRecord()
          .setTimeout(step.number("timeout", 0)));
      case "update" -> job(step, JobIntent.UPDATE, updateJob(step));
      case "cancel" -> {
        final long key = names.resolve(step.word(0));
        final var value = new ProcessInstanceRecord();
        value.setProcessInstanceKey(key);
        yield new Command(key, ValueType.PROCESS_INSTANCE, ProcessInstanceIntent.CANCEL, value);
      }
      case "resolve" -> new Command(
          names.resolve(step.word(0)), ValueType.INCIDENT, IncidentIntent.RESOLVE, new IncidentRecord());
      case "set-variables" -> setVariables(step);
      case "complete-task" -> {
        final UserTaskRecord value = task(step);
        if (!step.json().isEmpty()) {
          value.setVariables(document(step));
        }
        yield task(step, UserTaskIntent.COMPLETE, value);
      }
      case "assign" -> task(step, UserTaskIntent.ASSIGN, task(step).setAssignee(step.option("assignee", "")));
      case "unassign" -> task(step, UserTaskIntent.ASSIGN, task(step)
          .setAssignee("").setAction(step.option("action", "unassign")));
      case "claim" -> task(step, UserTaskIntent.CLAIM, task(step).setAssignee(step.option("assignee", "")));
      case "update-task" -> task(step, UserTaskIntent.UPDATE, updateTask(step));
      case "publish" -> publish(step);
      case "correlate" -> correlate(step);
      case "broadcast" -> broadcast(step);
      case "delete" -> running.delete(step);
      case "modify" -> running.modify(step);
      case "ad-hoc" -> running.activateActivities(step);
      case "complete-ad-hoc" -> running.completeAdHoc(step);
      case "migrate" -> running.migrate(step);
      default -> null;
    };
  }

  private Command deploy(final Step step) throws IOException {
    final DeploymentRecord value = new DeploymentRecord();
    for (final String word : step.words()) {
      // file or file>name: the content of one file under another resource name.
      final int arrow = word.indexOf('>');
      final String file = arrow < 0 ? word : word.substring(0, arrow);
      value
          .resources()
          .add()
          .setResourceName(arrow < 0 ? file : word.substring(arrow + 1))
          .setResource(Files.readAllBytes(find(file)));
    }
    return new Command(-1, ValueType.DEPLOYMENT, DeploymentIntent.CREATE, value);
  }

  private Path find(final String file) {
    return modelFolders.stream()
        .map(folder -> folder.resolve(file))
        .filter(Files::exists)
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no such model: " + file));
  }

  private Command create(final Step step) {
    final ProcessInstanceCreationRecord value = new ProcessInstanceCreationRecord();
    if (step.options().containsKey("key")) {
      value.setProcessDefinitionKey(names.resolve(step.option("key", "")));
    }
    final boolean byKeyAlone = step.words().isEmpty() || step.word(0).equals("result");
    if (!byKeyAlone) {
      value.setBpmnProcessId(step.word(0));
    }
    value.setVersion((int) step.number("version", -1));
    if (!step.json().isEmpty()) {
      value.setVariables(document(step));
    }
    for (final String element : step.list("start")) {
      value.addStartInstruction(new ProcessInstanceCreationStartInstruction().setElementId(element));
    }
    for (final String element : step.list("terminate-after")) {
      value.addRuntimeInstruction(new ProcessInstanceCreationRuntimeInstruction()
          .setType(RuntimeInstructionType.TERMINATE_PROCESS_INSTANCE).setAfterElementId(element));
    }
    final Set<String> tags = new LinkedHashSet<>(step.list("tags"));
    if (!tags.isEmpty()) {
      value.setTags(tags);
    }
    if (!step.has("result")) {
      return new Command(
          -1, ValueType.PROCESS_INSTANCE_CREATION, ProcessInstanceCreationIntent.CREATE, value);
    }
    value.setFetchVariables(step.list("fetch"));
    return new Command(
        -1,
        ValueType.PROCESS_INSTANCE_CREATION,
        ProcessInstanceCreationIntent.CREATE_WITH_AWAITING_RESULT,
        value);
  }

  private Command evaluate(final Step step) {
    final DecisionEvaluationRecord value = new DecisionEvaluationRecord();
    if (!step.words().isEmpty()) {
      value.setDecisionId(step.word(0));
    }
    if (step.options().containsKey("key")) {
      value.setDecisionKey(names.resolve(step.option("key", "")));
    }
    if (!step.json().isEmpty()) {
      value.setVariables(document(step));
    }
    return new Command(-1, ValueType.DECISION_EVALUATION, DecisionEvaluationIntent.EVALUATE, value);
  }

  private Command activate(final Step step) {
    final JobBatchRecord value =
        new JobBatchRecord()
            .setType(step.word(0))
            .setWorker(step.option("worker", ""))
            .setTimeout(step.number("timeout", 60_000))
            .setMaxJobsToActivate((int) step.number("max", 1))
            .setTenantIds(List.of("<default>"));
    for (final String name : step.list("fetch")) {
      value.variables().add().wrap(BufferUtil.wrapString(name));
    }
    return new Command(-1, ValueType.JOB_BATCH, JobBatchIntent.ACTIVATE, value);
  }

  private static JobRecord job(final Step step) {
    final JobRecord value = new JobRecord();
    if (!step.json().isEmpty()) {
      value.setVariables(document(step));
    }
    return value;
  }

  private static JobRecord updateJob(final Step step) {
    final JobRecord value = new JobRecord();
    final Set<String> changed = new LinkedHashSet<>();
    if (step.options().containsKey("retries")) {
      changed.add("retries");
      value.setRetries((int) step.number("retries", 0));
    }
    if (step.options().containsKey("timeout")) {
      changed.add("timeout");
      value.setTimeout(step.number("timeout", 0));
    }
    return value.setChangedAttributes(changed);
  }

  private Command job(final Step step, final JobIntent intent, final JobRecord value) {
    return new Command(names.resolve(step.word(0)), ValueType.JOB, intent, value);
  }

  private static UserTaskRecord task(final Step step) {
    return new UserTaskRecord().setAction(step.option("action", ""));
  }

  private Command task(final Step step, final UserTaskIntent intent, final UserTaskRecord value) {
    final long key = names.resolve(step.word(0));
    return new Command(key, ValueType.USER_TASK, intent, value.setUserTaskKey(key));
  }

  /** The attributes that the step's document has, as the gateway takes them from a change set. */
  private static UserTaskRecord updateTask(final Step step) {
    final UserTaskRecord value = task(step);
    final JsonNode changes = Text.parse(step.json());
    if (changes.has("candidateGroups")) {
      value.setCandidateGroupsList(texts(changes.get("candidateGroups"))).setCandidateGroupsChanged();
    }
    if (changes.has("candidateUsers")) {
      value.setCandidateUsersList(texts(changes.get("candidateUsers"))).setCandidateUsersChanged();
    }
    if (changes.has("dueDate")) {
      value.setDueDate(changes.get("dueDate").asText()).setDueDateChanged();
    }
    if (changes.has("followUpDate")) {
      value.setFollowUpDate(changes.get("followUpDate").asText()).setFollowUpDateChanged();
    }
    if (changes.has("priority")) {
      value.setPriority(changes.get("priority").asInt()).setPriorityChanged();
    }
    return value;
  }

  private static List<String> texts(final JsonNode list) {
    final List<String> out = new ArrayList<>();
    list.forEach(item -> out.add(item.asText()));
    return out;
  }

  private Command setVariables(final Step step) {
    final VariableDocumentRecord value =
        new VariableDocumentRecord()
            .setScopeKey(names.resolve(step.word(0)))
            .setUpdateSemantics(
                step.has("local")
                    ? VariableDocumentUpdateSemantic.LOCAL
                    : VariableDocumentUpdateSemantic.PROPAGATE)
            .setVariables(document(step));
    return new Command(-1, ValueType.VARIABLE_DOCUMENT, VariableDocumentIntent.UPDATE, value);
  }

  private static Command publish(final Step step) {
    final MessageRecord value =
        new MessageRecord()
            .setName(step.word(0))
            .setCorrelationKey(step.option("key", ""))
            .setMessageId(step.option("id", ""))
            .setTimeToLive(step.number("ttl", 0));
    if (!step.json().isEmpty()) {
      value.setVariables(document(step));
    }
    return new Command(-1, ValueType.MESSAGE, MessageIntent.PUBLISH, value);
  }

  private static Command correlate(final Step step) {
    final MessageCorrelationRecord value =
        new MessageCorrelationRecord().setName(step.word(0)).setCorrelationKey(step.option("key", ""));
    if (!step.json().isEmpty()) {
      value.setVariables(document(step));
    }
    return new Command(-1, ValueType.MESSAGE_CORRELATION, MessageCorrelationIntent.CORRELATE, value);
  }

  private static Command broadcast(final Step step) {
    final SignalRecord value = new SignalRecord().setSignalName(step.word(0));
    if (!step.json().isEmpty()) {
      value.setVariables(document(step));
    }
    return new Command(-1, ValueType.SIGNAL, SignalIntent.BROADCAST, value);
  }

  private static DirectBuffer document(final Step step) {
    return BufferUtil.wrapArray(MsgPackConverter.convertToMsgPack(step.json()));
  }
}
