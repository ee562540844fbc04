import static org.assertj.core.api.Assertions.assertThat;

import io.camunda.client.CamundaClient;
import io.camunda.client.api.response.ActivatedJob;
import io.camunda.process.test.api.CamundaProcessTestContext;
import io.camunda.process.test.api.CamundaProcessTestExtension;
import io.camunda.process.test.api.CamundaProcessTestRuntimeMode;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A user's test against a server that is there already: it connects, moves the clock, and is purged after each test. */
class RemoteTest {

  @RegisterExtension
  private static final CamundaProcessTestExtension EXTENSION =
      new CamundaProcessTestExtension()
          .withRuntimeMode(CamundaProcessTestRuntimeMode.REMOTE)
          .withRemoteCamundaMonitoringApiAddress(address("http://", "RINGBOLT_MANAGEMENT"))
          .withRemoteCamundaClientBuilderFactory(
              () ->
                  CamundaClient.newClientBuilder()
                      .restAddress(address("", "RINGBOLT_REST"))
                      .grpcAddress(address("http://", "RINGBOLT_GRPC")));

  private CamundaClient client;
  private CamundaProcessTestContext context;

  private static URI address(final String scheme, final String name) {
    return URI.create(scheme + System.getenv(name));
  }

  /** The second round shows that the first one's work is gone, and that the clock was set back. */
  @RepeatedTest(2)
  void movesTheClockAndIsPurged(final RepetitionInfo round) throws Exception {
    final Instant begun = context.getCurrentTime();
    assertThat(Duration.between(Instant.now(), begun).abs()).isLessThan(Duration.ofMinutes(5));
    assertThat(jobs()).isEmpty();
    final String model = Files.readString(Path.of(System.getenv("RINGBOLT_MODEL")));
    final var deployed =
        client
            .newDeployResourceCommand()
            .addResourceStringUtf8(
                model.replace("PROCESS_ID", "process_test").replace("JOB_TYPE", "process-test"), "one_task.bpmn")
            .send()
            .join();
    // A process that was there before would not be of version 1 again under another key.
    assertThat(deployed.getProcesses().get(0).getVersion()).isEqualTo(1);
    client.newCreateInstanceCommand().bpmnProcessId("process_test").latestVersion().send().join();
    final ActivatedJob job = jobs().get(0);
    client
        .newFailCommand(job)
        .retries(1)
        .retryBackoff(Duration.ofHours(12))
        .send()
        .join();
    assertThat(jobs()).isEmpty();
    context.increaseTime(Duration.ofHours(13));
    assertThat(context.getCurrentTime()).isAfter(begun.plus(Duration.ofHours(12)));
    final List<ActivatedJob> again = jobs(Duration.ofSeconds(10));
    assertThat(again).extracting(ActivatedJob::getKey).containsExactly(job.getKey());
    System.out.println("PASS process test round " + round.getCurrentRepetition());
  }

  private List<ActivatedJob> jobs() {
    return jobs(Duration.ofSeconds(1));
  }

  private List<ActivatedJob> jobs(final Duration waiting) {
    return client
        .newActivateJobsCommand()
        .jobType("process-test")
        .maxJobsToActivate(10)
        .timeout(Duration.ofMinutes(1))
        .requestTimeout(waiting)
        .send()
        .join()
        .getJobs();
  }
}
