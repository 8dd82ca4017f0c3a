package polykernel.server;

import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What all queries share: {@code lib/*.jar} of the work directory, and the directory's files. */
final class Libraries extends URLClassLoader {
    private final Path work;
    private final Set<Path> known = new TreeSet<>();

    Libraries(Path work) {
        super(new URL[] {url(work)}, ClassLoader.getSystemClassLoader());
        this.work = work;
    }

    /** Takes in the libraries that have come since the last time. */
    void refresh() throws IOException {
        Path directory = work.resolve("lib");
        if (Files.isDirectory(directory)) {
            try (Stream<Path> entries = Files.list(directory)) {
                entries.filter(entry -> entry.toString().endsWith(".jar")).sorted()
                        .filter(known::add).forEach(jar -> addURL(url(jar)));
            }
        }
    }

    Set<Path> all() {
        return known;
    }

    /** The class path for javac. */
    String classPath() {
        return known.stream().map(Path::toString).collect(Collectors.joining(":"));
    }

    private static URL url(Path path) {
        try {
            return path.toUri().toURL();
        } catch (MalformedURLException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
