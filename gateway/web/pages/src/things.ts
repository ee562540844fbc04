// What the API answers with, as far as the pages show it. Dates are texts, keys are texts of digits.

export interface Instance {
  processInstanceKey: string;
  processDefinitionKey: string;
  processDefinitionId: string;
  processDefinitionName: string | null;
  processDefinitionVersion: number;
  processDefinitionVersionTag: string | null;
  startDate: string;
  endDate: string | null;
  suspendedDate?: string | null;
  state: "ACTIVE" | "COMPLETED" | "TERMINATED" | "SUSPENDED";
  hasIncident: boolean;
  parentProcessInstanceKey: string | null;
  parentElementInstanceKey: string | null;
  businessId: string | null;
  tags: string[];
}

export interface ElementInstance {
  elementInstanceKey: string;
  processInstanceKey: string;
  elementId: string;
  elementName: string | null;
  type: string;
  state: "ACTIVE" | "COMPLETED" | "TERMINATED";
  startDate: string;
  endDate: string | null;
  hasIncident: boolean;
  incidentKey: string | null;
}

export interface Incident {
  incidentKey: string;
  processInstanceKey: string;
  processDefinitionId: string;
  processDefinitionKey: string;
  elementInstanceKey: string;
  elementId: string;
  errorType: string;
  errorMessage: string;
  creationTime: string;
  state: string;
  jobKey: string | null;
}

export interface Job {
  jobKey: string;
  elementInstanceKey: string;
  elementId: string;
  type: string;
  kind: string;
  listenerEventType: string;
  worker: string;
  retries: number;
  state: string;
  deadline: string | null;
  creationTime: string | null;
  endTime: string | null;
  errorMessage: string | null;
  errorCode: string | null;
  customHeaders: Record<string, string>;
}

export interface UserTask {
  userTaskKey: string;
  elementInstanceKey: string;
  elementId: string;
  name: string | null;
  state: string;
  assignee: string | null;
  candidateGroups: string[];
  candidateUsers: string[];
  processDefinitionId: string;
  processDefinitionKey: string;
  processName: string | null;
  processInstanceKey: string;
  creationDate: string;
  completionDate: string | null;
  dueDate: string | null;
  followUpDate: string | null;
  priority: number;
  formKey: string | null;
  externalFormReference: string | null;
  businessId: string | null;
}

export interface Variable {
  variableKey: string;
  name: string;
  value: string;
  isTruncated: boolean;
  scopeKey: string;
  processInstanceKey: string;
}

export interface Subscription {
  messageSubscriptionKey: string;
  processDefinitionId: string;
  processInstanceKey: string | null;
  elementId: string;
  elementInstanceKey: string | null;
  messageName: string;
  correlationKey: string | null;
  messageSubscriptionState: string;
  messageSubscriptionType: string;
  lastUpdatedDate: string;
}

/** A timer that has not fired. */
export interface Timer {
  timerKey: string;
  elementInstanceKey: string;
  elementId: string;
  elementType: string;
  dueDate: string | null;
  /** How often it fires still; below zero for without end. */
  repetitions: number | null;
}

/** What an event waits for that is no message. */
export interface WaitState {
  elementInstanceKey: string;
  elementId: string;
  details: { waitStateType: string; dueDate?: number | null; signalName?: string; expression?: string };
}

export interface Definition {
  processDefinitionKey: string;
  processDefinitionId: string;
  name: string | null;
  version: number;
  versionTag: string | null;
  resourceName: string;
  hasStartForm: boolean;
  /** Levels of the API before 8.10 do not tell. */
  state?: "ACTIVE" | "DELETED";
}

export interface ElementCounts {
  elementId: string;
  active: number;
  canceled: number;
  incidents: number;
  completed: number;
}

export interface Decision {
  decisionDefinitionKey: string;
  decisionDefinitionId: string;
  decisionRequirementsKey: string;
  decisionRequirementsId: string;
  decisionRequirementsName: string | null;
  name: string | null;
  version: number;
}

export interface DecisionInstance {
  decisionEvaluationInstanceKey: string;
  decisionEvaluationKey: string;
  decisionDefinitionId: string;
  decisionDefinitionKey: string;
  decisionDefinitionName: string | null;
  decisionDefinitionType: string;
  decisionDefinitionVersion: number;
  processInstanceKey: string | null;
  elementInstanceKey: string | null;
  evaluationDate: string;
  evaluationFailure: string | null;
  result: string;
  state: string;
  evaluatedInputs?: { inputId: string; inputName: string; inputValue: string }[];
  matchedRules?: { ruleId: string; ruleIndex: number; evaluatedOutputs: { outputId: string; outputName: string; outputValue: string }[] }[];
}

export interface Form {
  formKey: string;
  formId: string;
  schema: string | object;
  version: number;
}

/** What is done to many at once. */
export interface BatchOperation {
  batchOperationKey: string;
  batchOperationType: string;
  state: string;
  startDate: string | null;
  endDate: string | null;
  operationsTotalCount: number;
  operationsCompletedCount: number;
  operationsFailedCount: number;
  errors: { partitionId: number; type: string; message: string }[];
}

export interface BatchItem {
  itemKey: string;
  processInstanceKey: string | null;
  state: string;
  processedDate: string | null;
  errorMessage: string | null;
}
