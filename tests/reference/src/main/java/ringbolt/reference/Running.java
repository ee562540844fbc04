package ringbolt.reference;

import com.fasterxml.jackson.databind.JsonNode;
import io.camunda.zeebe.protocol.impl.encoding.MsgPackConverter;
import io.camunda.zeebe.protocol.impl.record.value.adhocsubprocess.AdHocSubProcessInstructionRecord;
import io.camunda.zeebe.protocol.impl.record.value.job.JobRecord;
import io.camunda.zeebe.protocol.impl.record.value.job.JobResult;
import io.camunda.zeebe.protocol.impl.record.value.job.JobResultActivateElement;
import io.camunda.zeebe.protocol.impl.record.value.job.JobResultCorrections;
import io.camunda.zeebe.protocol.impl.record.value.processinstance.ProcessInstanceMigrationMappingInstruction;
import io.camunda.zeebe.protocol.impl.record.value.processinstance.ProcessInstanceMigrationRecord;
import io.camunda.zeebe.protocol.impl.record.value.processinstance.ProcessInstanceModificationActivateInstruction;
import io.camunda.zeebe.protocol.impl.record.value.processinstance.ProcessInstanceModificationRecord;
import io.camunda.zeebe.protocol.impl.record.value.processinstance.ProcessInstanceModificationTerminateInstruction;
import io.camunda.zeebe.protocol.impl.record.value.processinstance.ProcessInstanceModificationVariableInstruction;
import io.camunda.zeebe.protocol.impl.record.value.resource.ResourceDeletionRecord;
import io.camunda.zeebe.protocol.record.ValueType;
import io.camunda.zeebe.protocol.record.intent.AdHocSubProcessInstructionIntent;
import io.camunda.zeebe.protocol.record.intent.JobIntent;
import io.camunda.zeebe.protocol.record.intent.ProcessInstanceMigrationIntent;
import io.camunda.zeebe.protocol.record.intent.ProcessInstanceModificationIntent;
import io.camunda.zeebe.protocol.record.intent.ResourceDeletionIntent;
import io.camunda.zeebe.protocol.record.value.JobResultType;
import io.camunda.zeebe.util.buffer.BufferUtil;
import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;

/** Commands on what runs and what was deployed: results of listeners' jobs, modification, migration, deletion. */
final class Running {
  private final Names names;

  Running(final Names names) {
    this.names = names;
  }

  Commands.Command delete(final Step step) {
    final var value = new ResourceDeletionRecord().setResourceKey(names.resolve(step.word(0)));
    return new Commands.Command(-1, ValueType.RESOURCE_DELETION, ResourceDeletionIntent.DELETE, value);
  }

  Commands.Command modify(final Step step) {
    final long key = names.resolve(step.word(0));
    final var value = new ProcessInstanceModificationRecord().setProcessInstanceKey(key);
    final JsonNode document = Text.parse(step.json());
    for (final JsonNode activate : list(document, "activate")) {
      final var instruction = new ProcessInstanceModificationActivateInstruction()
          .setElementId(activate.path("element").asText())
          .setAncestorScopeKey(activate.has("ancestor") ? names.resolve(activate.get("ancestor").asText()) : -1);
      for (final JsonNode variables : list(activate, "variables")) {
        instruction.addVariableInstruction(new ProcessInstanceModificationVariableInstruction()
            .setElementId(variables.path("scope").asText())
            .setVariables(document(variables.get("values"))));
      }
      value.addActivateInstruction(instruction);
    }
    for (final JsonNode terminate : list(document, "terminate")) {
      value.addTerminateInstruction(new ProcessInstanceModificationTerminateInstruction()
          .setElementInstanceKey(names.resolve(terminate.asText())));
    }
    return new Commands.Command(
        key, ValueType.PROCESS_INSTANCE_MODIFICATION, ProcessInstanceModificationIntent.MODIFY, value);
  }

  Commands.Command migrate(final Step step) {
    final long key = names.resolve(step.word(0));
    final var value = new ProcessInstanceMigrationRecord()
        .setProcessInstanceKey(key)
        .setTargetProcessDefinitionKey(names.resolve(step.word(1)));
    for (final String mapping : step.list("map")) {
      final String[] ends = mapping.split(">");
      value.addMappingInstruction(new ProcessInstanceMigrationMappingInstruction()
          .setSourceElementId(ends[0]).setTargetElementId(ends[1]));
    }
    return new Commands.Command(
        key, ValueType.PROCESS_INSTANCE_MIGRATION, ProcessInstanceMigrationIntent.MIGRATE, value);
  }

  /** The activation of activities in an ad-hoc sub-process. */
  Commands.Command activateActivities(final Step step) {
    final long key = names.resolve(step.word(0));
    final JsonNode document = Text.parse(step.json());
    final var value = new AdHocSubProcessInstructionRecord()
        .setAdHocSubProcessInstanceKey(key)
        .setCancelRemainingInstances(document.path("cancel").asBoolean());
    for (final JsonNode activate : list(document, "activate")) {
      final var element = value.activateElements().add().setElementId(activate.path("element").asText());
      if (activate.has("variables")) {
        element.setVariables(document(activate.get("variables")));
      }
    }
    return new Commands.Command(
        -1, ValueType.AD_HOC_SUB_PROCESS_INSTRUCTION, AdHocSubProcessInstructionIntent.ACTIVATE, value);
  }

  /** The completion of a job of an ad-hoc sub-process with its result. */
  Commands.Command completeAdHoc(final Step step) {
    final JsonNode document = Text.parse(step.json());
    final JobResult result = new JobResult()
        .setType(JobResultType.AD_HOC_SUB_PROCESS)
        .setCompletionConditionFulfilled(document.path("fulfilled").asBoolean())
        .setCancelRemainingInstances(document.path("cancel").asBoolean());
    for (final JsonNode activate : list(document, "activate")) {
      final var element = new JobResultActivateElement().setElementId(activate.path("element").asText());
      if (activate.has("variables")) {
        element.setVariables(document(activate.get("variables")));
      }
      result.addActivateElement(element);
    }
    final JobRecord value = new JobRecord().setResult(result);
    if (document.has("variables")) {
      value.setVariables(document(document.get("variables")));
    }
    return new Commands.Command(names.resolve(step.word(0)), ValueType.JOB, JobIntent.COMPLETE, value);
  }

  /** The result of a task listener's job, as the gateway takes it: corrections, or a denial. */
  static JobRecord withResult(final JobRecord value, final Step step) {
    final boolean denied = step.options().containsKey("denied");
    final boolean corrected = step.options().containsKey("correct");
    if (!denied && !corrected) {
      return value;
    }
    final JobResult result = new JobResult().setType(JobResultType.USER_TASK).setDenied(denied);
    if (denied) {
      result.setDeniedReason(step.option("denied", ""));
    }
    if (corrected) {
      correct(result, step.option("correct", ""));
    }
    return value.setResult(result);
  }

  /** "assignee:a;priority:3;candidateGroups:a/b". */
  private static void correct(final JobResult result, final String text) {
    final JobResultCorrections corrections = new JobResultCorrections();
    final List<String> attributes = new ArrayList<>();
    for (final String correction : text.split(";")) {
      final String name = correction.substring(0, correction.indexOf(':'));
      final String to = correction.substring(name.length() + 1);
      final List<String> list = to.isEmpty() ? List.of() : List.of(to.split("/"));
      switch (name) {
        case "assignee" -> corrections.setAssignee(to);
        case "dueDate" -> corrections.setDueDate(to);
        case "followUpDate" -> corrections.setFollowUpDate(to);
        case "candidateGroups" -> corrections.setCandidateGroupsList(list);
        case "candidateUsers" -> corrections.setCandidateUsersList(list);
        case "priority" -> corrections.setPriority(Integer.parseInt(to));
        default -> throw new IllegalArgumentException("no attribute " + name);
      }
      attributes.add(name.startsWith("candidate") ? name + "List" : name);
    }
    result.setCorrections(corrections).setCorrectedAttributes(attributes);
  }

  private static Iterable<JsonNode> list(final JsonNode from, final String name) {
    return from.has(name) ? from.get(name) : List.of();
  }

  private static DirectBuffer document(final JsonNode json) {
    return BufferUtil.wrapArray(MsgPackConverter.convertToMsgPack(json.toString()));
  }
}
