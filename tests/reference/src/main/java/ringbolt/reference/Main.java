package ringbolt.reference;

import io.camunda.zeebe.process.test.engine.EngineFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * record SCENARIOS [NAME...]: plays the scenarios whose path contains one of the names (all without names) and
 * writes each answer beside its scenario. check ...: the same, but only says which recorded answers differ.
 * fields ...: writes all fields of the events beside the scenario (.records) instead.
 * serve PORT: the engine behind its own gRPC port, for trying a client.
 */
public final class Main {
  private Main() {}

  public static void main(final String[] args) throws Exception {
    final String mode = args.length > 1 ? args[0] : "";
    switch (mode) {
      case "serve" -> serve(Integer.parseInt(args[1]));
      case "record", "check" -> System.exit(play(args, mode.equals("check")));
      case "fields" -> fields(args);
      default -> {
        System.err.println("usage: record|check|fields SCENARIOS [NAME...]  or  serve PORT");
        System.exit(2);
      }
    }
  }

  private static void serve(final int port) throws InterruptedException {
    EngineFactory.create(port).start();
    System.out.println("serving gRPC on port " + port);
    Thread.currentThread().join();
  }

  private static void fields(final String[] args) throws Exception {
    final Path root = Path.of(args[1]);
    for (final Path file : scenarios(root, List.of(args).subList(2, args.length))) {
      final Scenario scenario = new Scenario(file, root.resolve("models"));
      scenario.play();
      final String name = file.getFileName().toString().replaceFirst("\\.scn$", ".records");
      Files.writeString(file.resolveSibling(name), scenario.records());
    }
  }

  private static int play(final String[] args, final boolean check) throws IOException {
    final Path root = Path.of(args[1]);
    final List<String> names = List.of(args).subList(2, args.length);
    int failed = 0;
    final List<Path> files = scenarios(root, names);
    for (final Path file : files) {
      final Path expected =
          file.resolveSibling(file.getFileName().toString().replaceFirst("\\.scn$", ".expected"));
      try {
        final String text = new Scenario(file, root.resolve("models")).play();
        if (!check) {
          Files.writeString(expected, text);
        } else if (!Files.exists(expected) || !Files.readString(expected).equals(text)) {
          failed++;
          System.out.println("DIFFERS " + root.relativize(file));
        }
      } catch (final Exception e) {
        failed++;
        System.out.println("FAILED " + root.relativize(file) + ": " + e);
        if (System.getenv("TRACE") != null) {
          e.printStackTrace(System.out);
        }
      }
    }
    System.out.println(files.size() + " scenarios, " + failed + " not as they should be");
    return failed == 0 ? 0 : 1;
  }

  private static List<Path> scenarios(final Path root, final List<String> names) throws IOException {
    try (Stream<Path> all = Files.walk(root)) {
      return new ArrayList<>(
          all.filter(path -> path.toString().endsWith(".scn"))
              .filter(path -> names.isEmpty() || names.stream().anyMatch(path.toString()::contains))
              .sorted()
              .toList());
    }
  }
}
