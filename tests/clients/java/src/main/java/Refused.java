import io.camunda.client.CamundaClient;
import io.camunda.client.api.command.ClientStatusException;
import io.camunda.client.api.command.ProblemException;
import io.grpc.Status;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;

/**
 * What camunda-client-java does while a server refuses: a command fails, and its user asks again; a worker goes on by itself. The
 * argument names the transport that commands prefer: grpc or rest. Takes RINGBOLT_REST, RINGBOLT_GRPC and RINGBOLT_SECONDS, how
 * long the server is made to refuse (see tests/clients/refusing.py).
 */
public final class Refused {
  private static final String RUN = UUID.randomUUID().toString().substring(0, 8);

  private interface Ask {
    void run() throws Exception;
  }

  private Refused() {}

  public static void main(final String[] args) throws Exception {
    final String transport = args[0];
    final double seconds = Double.parseDouble(System.getenv("RINGBOLT_SECONDS"));
    final String name = "java_" + transport + "_refused";
    final String processId = name + "_" + RUN;
    final String model =
        Files.readString(Path.of(args[1])).replace("PROCESS_ID", processId).replace("JOB_TYPE", processId);
    try (CamundaClient client =
        CamundaClient.newClientBuilder()
            .applyEnvironmentVariableOverrides(false)
            .restAddress(URI.create(System.getenv().getOrDefault("RINGBOLT_REST", "http://127.0.0.1:8080")))
            .grpcAddress(URI.create("http://" + System.getenv().getOrDefault("RINGBOLT_GRPC", "127.0.0.1:26500")))
            .preferRestOverGrpc(transport.equals("rest"))
            .build()) {
      patiently(() -> client.newDeployResourceCommand().addResourceStringUtf8(model, "refused.bpmn").send().join());
      final List<Long> done = Collections.synchronizedList(new ArrayList<>());
      final var worker =
          client
              .newWorker()
              .jobType(processId)
              .handler(
                  (jobs, job) -> {
                    done.add(job.getProcessInstanceKey());
                    jobs.newCompleteCommand(job).send().join();
                  })
              .timeout(Duration.ofSeconds(5))
              .requestTimeout(Duration.ofSeconds(2))
              .open();
      final List<Long> created = new ArrayList<>();
      final long until = System.nanoTime() + (long) ((seconds + 1) * 1e9);
      int refused = 0;
      System.out.println("BEGIN");
      while (System.nanoTime() < until) {
        refused +=
            patiently(
                () ->
                    created.add(
                        client
                            .newCreateInstanceCommand()
                            .bpmnProcessId(processId)
                            .latestVersion()
                            .send()
                            .join()
                            .getProcessInstanceKey()));
        Thread.sleep(50);
      }
      for (int looks = 0; done.size() < created.size() && looks < 300; looks++) {
        Thread.sleep(100);
      }
      Thread.sleep(1000);
      worker.close();
      // Nothing is there that nobody was told of, and nothing was done twice. Over REST the client's transport asks once more by
      // itself, so that its user may see no refusal; that there were some is checked at the server.
      final boolean wasToldOfNone = refused == 0 && transport.equals("grpc");
      Collections.sort(created);
      Collections.sort(done);
      if (!created.equals(done) || wasToldOfNone) {
        System.err.println(
            "FAIL " + name + ": " + created.size() + " created, " + done.size() + " done, " + refused + " refused");
        System.exit(1);
      }
      System.out.println(
          "PASS " + name + " (" + created.size() + " created and done once, its user saw " + refused + " refusals)");
    }
    System.exit(0);
  }

  /** Asks until the server takes it; how often it was refused. */
  private static int patiently(final Ask ask) throws Exception {
    for (int refused = 0; ; refused++) {
      try {
        ask.run();
        return refused;
      } catch (final ClientStatusException e) {
        if (e.getStatusCode() != Status.Code.RESOURCE_EXHAUSTED) {
          throw e;
        }
      } catch (final ProblemException e) {
        if (e.code() != 503) {
          throw e;
        }
      }
      Thread.sleep(200);
    }
  }
}
