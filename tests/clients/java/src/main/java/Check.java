import io.camunda.client.CamundaClient;
import io.camunda.client.api.command.ClientStatusException;
import io.camunda.client.api.command.ProblemException;
import io.camunda.client.api.response.ActivatedJob;
import io.camunda.client.api.response.Decision;
import io.camunda.client.api.response.EvaluateDecisionResponse;
import io.camunda.client.api.response.Process;
import io.camunda.client.api.response.ProcessInstanceEvent;
import io.camunda.client.api.response.ProcessInstanceResult;
import io.camunda.client.api.response.Topology;
import io.camunda.client.api.worker.JobHandler;
import io.camunda.client.api.worker.JobWorker;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A new user's program against camunda-client-java: deploy, create, work, fail, cancel, and look at every answer.
 * The argument names the transport that commands prefer: grpc or rest. Takes RINGBOLT_REST, RINGBOLT_GRPC, with
 * RINGBOLT_CA (a PEM file to trust) speaks TLS, and for
 * servers that lack something RINGBOLT_SKIP (names of steps and checks) and RINGBOLT_TENANTS.
 */
public final class Check {
  private static final Duration LONG = Duration.ofSeconds(20);
  private static final int STEP_SECONDS = 30;
  private static final String RUN = UUID.randomUUID().toString().substring(0, 8);
  private static final List<String> SKIP = List.of(env("RINGBOLT_SKIP", "").split(","));
  private static final ExecutorService STEPS = Executors.newCachedThreadPool(Check::daemon);

  private final CamundaClient client;
  private final String transport;
  private final String model;
  private final String decision;

  private record Deployed(String processId, String jobType, Process process) {}

  private Check(
      final CamundaClient client, final String transport, final String model, final String decision) {
    this.client = client;
    this.transport = transport;
    this.model = model;
    this.decision = decision;
  }

  public static void main(final String[] args) throws Exception {
    final String transport = args[0];
    final String tenants = env("RINGBOLT_TENANTS", "");
    final String ca = env("RINGBOLT_CA", "");
    final String scheme = ca.isEmpty() ? "http://" : "https://";
    final var builder =
        CamundaClient.newClientBuilder()
            .applyEnvironmentVariableOverrides(false)
            .restAddress(URI.create(env("RINGBOLT_REST", "http://127.0.0.1:8080")))
            .grpcAddress(URI.create(scheme + env("RINGBOLT_GRPC", "127.0.0.1:26500")))
            .preferRestOverGrpc(transport.equals("rest"))
            .defaultJobWorkerName("java-check");
    if (!ca.isEmpty()) {
      builder.caCertificatePath(ca);
    }
    if (!tenants.isEmpty()) {
      builder.defaultJobWorkerTenantIds(Arrays.asList(tenants.split(",")));
    }
    try (CamundaClient client = builder.build()) {
      final Path model = Path.of(args[1]);
      final String decision = Files.readString(model.resolveSibling("decision.dmn"));
      new Check(client, transport, Files.readString(model), decision).run();
    }
    System.exit(0);
  }

  private void run() {
    step("topology", this::topology);
    step("deploy", this::deployOnce);
    step("deploy again", this::deployAgain);
    step("create", this::create);
    step("work by poll, with result", () -> work("poll", 3, false));
    step("chosen result variables", this::chosenVariables);
    step("work by stream and poll", () -> work("stream", 20, true));
    step("work by stream alone", this::streamAlone);
    step("poll by hand", this::pollByHand);
    step("fail and retry", this::failAndRetry);
    step("cancel", this::cancel);
    step("unknown process", this::unknownProcess);
    step("decisions", this::decisions);
  }

  private Object decisions() throws Exception {
    final String id = "java_decision_" + transport + "_" + RUN;
    final var deployed =
        client
            .newDeployResourceCommand()
            .addResourceStringUtf8(decision.replace("DECISION_ID", id), "discount.dmn")
            .send()
            .join();
    final List<String> ids = deployed.getDecisions().stream().map(Decision::getDmnDecisionId).toList();
    check("decisions", ids, List.of(id, id + "_base"));
    check("requirements", deployed.getDecisionRequirements().get(0).getResourceName(), "discount.dmn");
    final EvaluateDecisionResponse byId =
        client.newEvaluateDecisionCommand().decisionId(id).variables(Map.of("amount", 150)).send().join();
    check("output", byId.getDecisionOutput(), "10");
    check("rule", byId.getEvaluatedDecisions().get(1).getMatchedRules().get(0).getRuleId(), "large");
    final EvaluateDecisionResponse byKey =
        client
            .newEvaluateDecisionCommand()
            .decisionKey(deployed.getDecisions().get(0).getDecisionKey())
            .variables(Map.of("amount", 50))
            .send()
            .join();
    check("output by key", byKey.getDecisionOutput(), "0");
    final EvaluateDecisionResponse failed = client.newEvaluateDecisionCommand().decisionId(id).send().join();
    check("failed", failed.getFailedDecisionId(), id);
    refused(404, "NOT_FOUND", () -> client.newEvaluateDecisionCommand().decisionId("java_unknown").send().join());
    return null;
  }

  private Object topology() {
    final Topology answer = client.newTopologyRequest().send().join();
    check("brokers", answer.getBrokers().isEmpty(), false);
    // SDKs switch features by the version a gateway reports, so it must look like Camunda's.
    check("gateway version", answer.getGatewayVersion().startsWith("8."), true);
    return null;
  }

  private Object deployOnce() {
    final Deployed first = deploy("deploy");
    check("process id", first.process().getBpmnProcessId(), first.processId());
    check("version", first.process().getVersion(), 1);
    check("resource", first.process().getResourceName(), "deploy.bpmn");
    return null;
  }

  private Object deployAgain() {
    final long first = deploy("again").process().getProcessDefinitionKey();
    check("same model again", deploy("again").process().getProcessDefinitionKey(), first);
    return null;
  }

  private Object create() {
    final Deployed deployed = deploy("create");
    final ProcessInstanceEvent byId = create(deployed, 1);
    check("process id", byId.getBpmnProcessId(), deployed.processId());
    final ProcessInstanceEvent byKey =
        client
            .newCreateInstanceCommand()
            .processDefinitionKey(deployed.process().getProcessDefinitionKey())
            .variables(Map.of("x", 1))
            .send()
            .join();
    check("definition", byKey.getProcessDefinitionKey(), byId.getProcessDefinitionKey());
    check("version", byKey.getVersion(), 1);
    return null;
  }

  private Object work(final String name, final int count, final boolean stream) throws Exception {
    final Deployed deployed = deploy(name);
    try (JobWorker ignored = worker(deployed, stream, (c, job) -> complete(job))) {
      final List<Future<ProcessInstanceResult>> results = new ArrayList<>();
      for (int x = 0; x < count; x++) {
        final int value = x;
        results.add(STEPS.submit(() -> createAndAwait(deployed, Map.of("x", value))));
      }
      for (int x = 0; x < count; x++) {
        check("result", results.get(x).get().getVariablesAsMap(), Map.of("x", x, "doubled", 2 * x));
      }
    }
    return null;
  }

  private Object chosenVariables() {
    final Deployed deployed = deploy("chosen");
    try (JobWorker ignored = worker(deployed, false, (c, job) -> complete(job))) {
      final var answer = createAndAwait(deployed, Map.of("x", 4, "y", "left out"), "doubled");
      check("result", answer.getVariablesAsMap(), Map.of("doubled", 8));
    }
    return null;
  }

  /** The stream command by itself, without the polls that a worker adds. */
  private Object streamAlone() throws Exception {
    final Deployed deployed = deploy("alone");
    final BlockingQueue<ActivatedJob> jobs = new LinkedBlockingQueue<>();
    final var stream =
        client
            .newStreamJobsCommand()
            .jobType(deployed.jobType())
            .consumer(jobs::add)
            .workerName("java-stream")
            .timeout(LONG)
            .requestTimeout(LONG)
            .send();
    // Nothing tells a client that its stream is open.
    Thread.sleep(500);
    final ProcessInstanceEvent created = create(deployed, 5);
    final ActivatedJob job = jobs.poll(10, TimeUnit.SECONDS);
    check("a job came", job != null, true);
    check("instance", job.getProcessInstanceKey(), created.getProcessInstanceKey());
    check("headers", job.getCustomHeaders(), Map.of("unit", "cm"));
    check("worker", job.getWorker(), "java-stream");
    check("retries", job.getRetries(), 3);
    complete(job);
    stream.cancel(true);
    return null;
  }

  private Object pollByHand() throws Exception {
    final Deployed deployed = deploy("hand");
    final ProcessInstanceEvent created = create(deployed, 5);
    final List<ActivatedJob> jobs =
        client
            .newActivateJobsCommand()
            .jobType(deployed.jobType())
            .maxJobsToActivate(5)
            .workerName("java-hand")
            .timeout(LONG)
            .requestTimeout(Duration.ofSeconds(10))
            .send()
            .join()
            .getJobs();
    check("jobs", jobs.size(), 1);
    check("instance", jobs.get(0).getProcessInstanceKey(), created.getProcessInstanceKey());
    check("variables", jobs.get(0).getVariablesAsMap(), Map.of("x", 5));
    check("headers", jobs.get(0).getCustomHeaders(), Map.of("unit", "cm"));
    client.newUpdateRetriesCommand(jobs.get(0)).retries(9).send().join();
    complete(jobs.get(0));
    refused(404, "NOT_FOUND", () -> complete(jobs.get(0)));
    return null;
  }

  private Object failAndRetry() {
    final Deployed deployed = deploy("retry");
    final List<Integer> seen = Collections.synchronizedList(new ArrayList<>());
    final JobHandler flaky =
        (c, job) -> {
          seen.add(job.getRetries());
          if (seen.size() == 1) {
            throw new IllegalStateException("the first try fails");
          }
          complete(job);
        };
    try (JobWorker ignored = worker(deployed, false, flaky)) {
      final var answer = createAndAwait(deployed, Map.of("x", 7));
      check("retries seen", seen, List.of(3, 2));
      check("result", answer.getVariablesAsMap().get("doubled"), 14);
    }
    return null;
  }

  private Object cancel() throws Exception {
    final Deployed deployed = deploy("cancel");
    final long key = create(deployed, 1).getProcessInstanceKey();
    client.newCancelInstanceCommand(key).send().join();
    refused(404, "NOT_FOUND", () -> client.newCancelInstanceCommand(key).send().join());
    return null;
  }

  private Object unknownProcess() throws Exception {
    final Deployed unknown = new Deployed("java_unknown", "", null);
    refused(404, "NOT_FOUND", () -> create(unknown, 1));
    return null;
  }

  /** A process and a job type of its own for a step, so that no worker of an earlier step takes its jobs. */
  private Deployed deploy(final String name) {
    final String processId = String.join("_", "java", transport, name, RUN);
    final String jobType = processId.replace('_', '-');
    final String text = model.replace("PROCESS_ID", processId).replace("JOB_TYPE", jobType);
    final var answer =
        client
            .newDeployResourceCommand()
            .addResourceString(text, StandardCharsets.UTF_8, name + ".bpmn")
            .send()
            .join();
    check("processes", answer.getProcesses().size(), 1);
    return new Deployed(processId, jobType, answer.getProcesses().get(0));
  }

  private ProcessInstanceEvent create(final Deployed deployed, final int x) {
    return client
        .newCreateInstanceCommand()
        .bpmnProcessId(deployed.processId())
        .latestVersion()
        .variables(Map.of("x", x))
        .send()
        .join();
  }

  private ProcessInstanceResult createAndAwait(
      final Deployed deployed, final Map<String, Object> variables, final String... fetch) {
    return client
        .newCreateInstanceCommand()
        .bpmnProcessId(deployed.processId())
        .latestVersion()
        .variables(variables)
        .withResult()
        .fetchVariables(fetch)
        .requestTimeout(LONG)
        .send()
        .join();
  }

  private JobWorker worker(final Deployed deployed, final boolean stream, final JobHandler handler) {
    return client
        .newWorker()
        .jobType(deployed.jobType())
        .handler(handler)
        .timeout(LONG)
        .requestTimeout(Duration.ofSeconds(5))
        .streamEnabled(stream)
        .open();
  }

  private Object complete(final ActivatedJob job) {
    final int x = (Integer) job.getVariable("x");
    return client.newCompleteCommand(job).variables(Map.of("doubled", 2 * x)).send().join();
  }

  /** A refusal: over REST a problem with its status, over gRPC a status code. */
  private static void refused(final int http, final String grpc, final Callable<?> work) throws Exception {
    try {
      work.call();
    } catch (final ProblemException problem) {
      check("status of the refusal", problem.code(), http);
      return;
    } catch (final ClientStatusException status) {
      check("code of the refusal", status.getStatusCode().name(), grpc);
      return;
    }
    throw new IllegalStateException("no refusal");
  }

  private void step(final String step, final Callable<?> work) {
    if (SKIP.contains(step)) {
      return;
    }
    final String name = "java " + transport + " " + step;
    final long began = System.nanoTime();
    final Future<?> running = STEPS.submit(work);
    try {
      running.get(STEP_SECONDS, TimeUnit.SECONDS);
    } catch (final ExecutionException wrong) {
      System.err.println("FAIL " + name + ": " + causes(wrong.getCause()));
      System.exit(1);
    } catch (final TimeoutException | InterruptedException late) {
      System.err.println("FAIL " + name + ": no result within " + STEP_SECONDS + " s");
      System.exit(1);
    }
    System.out.printf("PASS %s (%d ms)%n", name, (System.nanoTime() - began) / 1_000_000);
  }

  private static void check(final String what, final Object got, final Object wanted) {
    if (!SKIP.contains(what) && !Objects.equals(got, wanted)) {
      throw new IllegalStateException(what + ": got " + got + ", wanted " + wanted);
    }
  }

  private static String causes(final Throwable error) {
    final StringBuilder text = new StringBuilder();
    for (Throwable at = error; at != null; at = at.getCause()) {
      text.append(text.isEmpty() ? "" : "\n  caused by ").append(at);
    }
    return text.toString();
  }

  private static String env(final String name, final String otherwise) {
    return System.getenv().getOrDefault(name, otherwise);
  }

  private static Thread daemon(final Runnable work) {
    final Thread thread = new Thread(work);
    thread.setDaemon(true);
    return thread;
  }
}
