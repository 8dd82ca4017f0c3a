package polykernel.server;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.util.HashMap;
import java.util.Map;

/** Classes that are in no file, and their loader. */
final class Memory extends ClassLoader {
    private final Map<String, byte[]> classes = new HashMap<>();

    Memory(ClassLoader parent) {
        super(parent);
    }

    void put(String name, byte[] content) {
        classes.put(name, content);
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
}
