package polykernel;

import com.sun.source.util.JavacTask;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * Compiles a program and leaves beside its classes the arguments that start it.
 *
 * <p>{@code Compile OUT WORK [JAVAC-OPTION...] -- SOURCE...} fills {@code OUT/classes}, anew each
 * time, and {@code OUT/main.args}, for {@code java @OUT/main.args ARGUMENT...}. Libraries are
 * {@code WORK/lib/*.jar}. Errors are javac's own. Exits with 0; 1 for errors in the program; 2 for
 * wrong options.
 */
public final class Compile {
    private final Path out;
    private final Path classes;
    private final Path work;
    private final List<String> options;
    private final List<Path> sources;

    private Compile(List<String> arguments) {
        int separator = arguments.indexOf("--");
        out = Path.of(arguments.get(0)).toAbsolutePath();
        work = Path.of(arguments.get(1)).toAbsolutePath();
        classes = out.resolve("classes");
        options = arguments.subList(2, separator);
        sources = arguments.subList(separator + 1, arguments.size()).stream().map(Path::of).toList();
    }

    public static void main(String[] arguments) throws IOException {
        System.exit(new Compile(Arrays.asList(arguments)).compile());
    }

    private int compile() throws IOException {
        Path start = out.resolve("main.args");
        Files.deleteIfExists(start);
        deleteTree(classes);
        Files.createDirectories(classes);
        EntryPoints entryPoints = new EntryPoints();
        try {
            if (!run(entryPoints)) {
                return 1;
            }
        } catch (IllegalArgumentException wrongOption) {
            System.err.println(wrongOption.getMessage());
            return 2;
        }
        try {
            Files.write(start, startArguments(entryPoints.choose(System.getenv("MAIN_CLASS"))));
        } catch (EntryPoints.Unclear unclear) {
            System.err.println("error: " + unclear.getMessage());
            return 1;
        }
        return 0;
    }

    private boolean run(EntryPoints entryPoints) throws IOException {
        var compiler = ToolProvider.getSystemJavaCompiler();
        try (var files = compiler.getStandardFileManager(null, null, StandardCharsets.UTF_8)) {
            List<String> all = new ArrayList<>(List.of(
                    "-encoding", "UTF-8", "-d", classes.toString(), "-classpath", classPath(classes)));
            all.addAll(options);
            var task = (JavacTask) compiler.getTask(null, files, null, all, null, units(files));
            entryPoints.watch(task);
            return task.call();
        }
    }

    private Iterable<? extends JavaFileObject> units(StandardJavaFileManager files) throws IOException {
        if (sources.size() == 1) {
            return List.of(new OnlySource(sources.getFirst()));
        }
        return files.getJavaFileObjectsFromPaths(sources);
    }

    private List<String> startArguments(String mainClass) throws IOException {
        return List.of(
                // What the heap leaves is for the JVM itself; the default, a quarter, wastes the rest.
                "-XX:MaxRAMPercentage=70",
                "-XX:-UsePerfData",
                "-Dstdin.encoding=UTF-8",
                "-Dstdout.encoding=UTF-8",
                "-Dstderr.encoding=UTF-8",
                "-classpath",
                quoted(classPath(classes, work)),
                quoted(mainClass));
    }

    private String classPath(Path... directories) throws IOException {
        List<Path> path = new ArrayList<>(List.of(directories));
        Path libraries = work.resolve("lib");
        if (Files.isDirectory(libraries)) {
            try (Stream<Path> entries = Files.list(libraries)) {
                entries.filter(entry -> entry.toString().endsWith(".jar")).sorted().forEach(path::add);
            }
        }
        return path.stream().map(Path::toString).collect(Collectors.joining(":"));
    }

    private static String quoted(String argument) {
        return '"' + argument.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    private static void deleteTree(Path root) throws IOException {
        if (!Files.exists(root)) {
            return;
        }
        try (Stream<Path> tree = Files.walk(root)) {
            tree.sorted(Comparator.reverseOrder()).forEach(path -> {
                try {
                    Files.delete(path);
                } catch (IOException error) {
                    throw new UncheckedIOException(error);
                }
            });
        }
    }
}
