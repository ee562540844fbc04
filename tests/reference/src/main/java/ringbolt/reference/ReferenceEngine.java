package ringbolt.reference;

import io.camunda.search.clients.SearchClientsProxy;
import io.camunda.security.auth.BrokerRequestAuthorizationConverter;
import io.camunda.security.configuration.SecurityConfiguration;
import io.camunda.zeebe.db.ZeebeDb;
import io.camunda.zeebe.engine.Engine;
import io.camunda.zeebe.engine.EngineConfiguration;
import io.camunda.zeebe.engine.processing.EngineProcessors;
import io.camunda.zeebe.engine.processing.message.command.SubscriptionCommandSender;
import io.camunda.zeebe.logstreams.log.LogAppendEntry;
import io.camunda.zeebe.logstreams.log.LogStream;
import io.camunda.zeebe.logstreams.log.LogStreamReader;
import io.camunda.zeebe.logstreams.log.LogStreamWriter;
import io.camunda.zeebe.logstreams.log.LoggedEvent;
import io.camunda.zeebe.logstreams.log.WriteContext;
import io.camunda.zeebe.process.test.engine.db.InMemoryDbFactory;
import io.camunda.zeebe.protocol.ZbColumnFamilies;
import io.camunda.zeebe.protocol.impl.encoding.AuthInfo;
import io.camunda.zeebe.protocol.impl.record.RecordMetadata;
import io.camunda.zeebe.protocol.impl.record.UnifiedRecordValue;
import io.camunda.zeebe.protocol.record.RecordType;
import io.camunda.zeebe.protocol.record.ValueType;
import io.camunda.zeebe.protocol.record.intent.Intent;
import io.camunda.zeebe.scheduler.ActorScheduler;
import io.camunda.zeebe.scheduler.clock.ControlledActorClock;
import io.camunda.zeebe.stream.api.InterPartitionCommandSender;
import io.camunda.zeebe.stream.impl.ControllableStreamClockImpl;
import io.camunda.zeebe.stream.impl.StreamProcessor;
import io.camunda.zeebe.util.FeatureFlags;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Camunda's engine with one partition, in this process, behind a clock that stands still until it is told to
 * move. Commands are written as the gateway would write them, so nothing between client and engine blurs the
 * record. Not used: authorizations, secondary storage, other partitions.
 */
final class ReferenceEngine implements AutoCloseable {
  /** Where every scenario's clock starts: records name times relative to it. */
  static final Instant START = Instant.parse("2030-01-01T00:00:00Z");

  private static final int PARTITION = 1;
  private static final int SETTLE_CHECKS = 4;
  private static final long SETTLE_PAUSE_MS = 5;
  private static final long SETTLE_LIMIT_MS = 20_000;

  /** A record as it lies in the log. */
  record Logged(long key, RecordMetadata meta, UnifiedRecordValue value) {}

  final Answers answers = new Answers();
  final Streams streams = new Streams();
  private final ControlledActorClock clock = new ControlledActorClock();
  private final ActorScheduler scheduler;
  private final ZeebeDb<ZbColumnFamilies> db;
  private final LogStream log;
  private final LogStreamWriter writer;
  private final LogStreamReader reader;
  private final StreamProcessor processor;
  private long lastRead = -1;
  private long requests;

  ReferenceEngine() {
    clock.setCurrentTime(START);
    scheduler = ActorScheduler.newActorScheduler().setActorClock(clock).build();
    scheduler.start();
    log =
        LogStream.builder()
            .withPartitionId(PARTITION)
            .withLogStorage(new MemoryLog())
            .withClock(clock)
            .withMeterRegistry(new SimpleMeterRegistry())
            .build();
    writer = log.newLogStreamWriter();
    reader = log.newLogStreamReader();
    db = new InMemoryDbFactory<ZbColumnFamilies>().createDb();
    processor = newProcessor();
    processor.openAsync(false).join();
    settle(SETTLE_PAUSE_MS);
    newRecords();
  }

  private StreamProcessor newProcessor() {
    final SecurityConfiguration security = new SecurityConfiguration();
    security.getAuthorizations().setEnabled(false);
    final InterPartitionCommandSender sender = this::toOwnPartition;
    final EngineConfiguration settings = new EngineConfiguration().setEnableIdentitySetup(false);
    final Engine engine =
        new Engine(
            context ->
                EngineProcessors.createEngineProcessors(
                    context,
                    PARTITION,
                    new SubscriptionCommandSender(PARTITION, sender),
                    sender,
                    FeatureFlags.createDefault(),
                    streams,
                    SearchClientsProxy.noop(),
                    new BrokerRequestAuthorizationConverter(security)),
            settings,
            security);
    return StreamProcessor.builder()
        .logStream(log)
        .zeebeDb(db)
        .commandResponseWriter(answers)
        .partitionCommandSender(sender)
        .recordProcessors(List.of(engine))
        .actorSchedulingService(scheduler)
        .clock(new ControllableStreamClockImpl(clock))
        .meterRegistry(new SimpleMeterRegistry())
        .build();
  }

  private void toOwnPartition(
      final int partition,
      final ValueType type,
      final Intent intent,
      final Long key,
      final UnifiedRecordValue value,
      final AuthInfo auth) {
    final RecordMetadata meta =
        new RecordMetadata().recordType(RecordType.COMMAND).valueType(type).intent(intent);
    write(key == null ? -1 : key, meta, value);
  }

  /** Sends a client's command; the answer arrives under the returned request id. A key below 0 means none. */
  long send(
      final long key,
      final ValueType type,
      final Intent intent,
      final UnifiedRecordValue value,
      final long operationReference) {
    final long request = ++requests;
    final RecordMetadata meta =
        new RecordMetadata()
            .recordType(RecordType.COMMAND)
            .requestStreamId(PARTITION)
            .requestId(request)
            .valueType(type)
            .intent(intent);
    if (operationReference >= 0) {
      meta.operationReference(operationReference);
    }
    write(key, meta, value);
    return request;
  }

  private synchronized void write(
      final long key, final RecordMetadata meta, final UnifiedRecordValue value) {
    final LogAppendEntry entry =
        key < 0 ? LogAppendEntry.of(meta, value) : LogAppendEntry.of(key, meta, value);
    writer
        .tryWrite(WriteContext.internal(), entry)
        .ifLeft(
            failure -> {
              throw new IllegalStateException("the engine's log refused a command: " + failure);
            });
  }

  /** Moves the clock and waits until what became due is done. */
  void advance(final Duration by) {
    clock.addTime(by);
    // Timers fire on the engine's own threads, which look at the clock when they next wake.
    settle(60);
    settle(SETTLE_PAUSE_MS);
  }

  /** Waits until nothing is left to process. */
  void settle(final long firstPauseMs) {
    final long limit = System.currentTimeMillis() + SETTLE_LIMIT_MS;
    pause(firstPauseMs);
    for (int quiet = 0; quiet < SETTLE_CHECKS; ) {
      quiet = processor.hasProcessingReachedTheEnd().join() ? quiet + 1 : 0;
      if (System.currentTimeMillis() > limit) {
        throw new IllegalStateException("the engine did not come to rest");
      }
      pause(SETTLE_PAUSE_MS);
    }
  }

  private static void pause(final long ms) {
    try {
      Thread.sleep(ms);
    } catch (final InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The records since the last call. */
  List<Logged> newRecords() {
    final List<Logged> out = new ArrayList<>();
    if (lastRead < 0) {
      reader.seekToFirstEvent();
    } else {
      reader.seekToNextEvent(lastRead);
    }
    while (reader.hasNext()) {
      final LoggedEvent event = reader.next();
      final RecordMetadata meta = new RecordMetadata();
      event.readMetadata(meta);
      final UnifiedRecordValue value = UnifiedRecordValue.fromValueType(meta.getValueType());
      event.readValue(value);
      out.add(new Logged(event.getKey(), meta, value));
      lastRead = event.getPosition();
    }
    return out;
  }

  @Override
  public void close() throws Exception {
    processor.close();
    db.close();
    log.close();
    scheduler.stop().get();
  }
}
