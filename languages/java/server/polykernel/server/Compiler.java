package polykernel.server;

import com.sun.source.util.JavacTask;
import com.sun.tools.javac.api.JavacTaskPool;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import javax.tools.DiagnosticListener;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/** A javac that remembers from one query to the next what the JDK's classes are, as JShell's does. */
final class Compiler {
    private final JavacTaskPool tasks = new JavacTaskPool(1);
    private final Files files = new Files();
    private final List<String> options;

    Compiler(List<String> options) {
        this.options = options;
    }

    /** Does something with a task; what it compiles is put into {@code classes}. */
    <T> T with(String code, String classPath, DiagnosticListener<JavaFileObject> errors,
            Memory classes, Function<JavacTask, T> work) {
        files.classes = classes;
        List<String> all = Stream.concat(Stream.of("-classpath", classPath), options.stream()).toList();
        return tasks.getTask(
                null, files, errors, all, null, List.of(new Typed(code)), work::apply);
    }

    private static final class Files extends ForwardingJavaFileManager<JavaFileManager> {
        private Memory classes;

        Files() {
            super(ToolProvider.getSystemJavaCompiler()
                    .getStandardFileManager(null, null, StandardCharsets.UTF_8));
        }

        @Override
        public JavaFileObject getJavaFileForOutput(
                Location location, String name, JavaFileObject.Kind kind, FileObject sibling) {
            return new SimpleJavaFileObject(URI.create("memory:///" + name), kind) {
                @Override
                public OutputStream openOutputStream() {
                    return new Output(name, classes);
                }
            };
        }
    }

    private static final class Output extends ByteArrayOutputStream {
        private final String name;
        private final Memory classes;

        Output(String name, Memory classes) {
            this.name = name;
            this.classes = classes;
        }

        @Override
        public void close() {
            classes.put(name, Bytecode.stoppable(toByteArray(), classes));
        }
    }
}
