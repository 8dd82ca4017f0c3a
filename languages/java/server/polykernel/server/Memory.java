package polykernel.server;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;

/** Classes that are in no file, and their loader. */
final class Memory extends ClassLoader {
    private final Map<String, byte[]> classes = new HashMap<>();

    Memory(ClassLoader parent) {
        super(parent);
    }

    void put(String name, byte[] content) {
        classes.put(name, content);
    }

    /** What javac writes to instead of files. */
    JavaFileManager over(JavaFileManager files) {
        return new ForwardingJavaFileManager<>(files) {
            @Override
            public JavaFileObject getJavaFileForOutput(
                    Location location, String name, JavaFileObject.Kind kind, FileObject sibling) {
                return new Output(name);
            }

            @Override
            public void close() {}
        };
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        synchronized (getClassLoadingLock(name)) {
            byte[] content = classes.get(name);
            if (content == null) {
                return super.loadClass(name, resolve);
            }
            Class<?> loaded = findLoadedClass(name);
            return loaded != null ? loaded : defineClass(name, content, 0, content.length);
        }
    }

    @Override
    public InputStream getResourceAsStream(String name) {
        byte[] content = classes.get(name.replace('/', '.').replaceAll("\\.class$", ""));
        return content != null ? new ByteArrayInputStream(content) : super.getResourceAsStream(name);
    }

    private final class Output extends SimpleJavaFileObject {
        private final String name;

        Output(String name) {
            super(URI.create("memory:///" + name.replace('.', '/') + Kind.CLASS.extension), Kind.CLASS);
            this.name = name;
        }

        @Override
        public OutputStream openOutputStream() {
            return new ByteArrayOutputStream() {
                @Override
                public void close() {
                    put(name, Bytecode.stoppable(toByteArray(), Memory.this));
                }
            };
        }
    }
}
