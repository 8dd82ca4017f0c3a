package polykernel.server;

import jdk.jshell.execution.LoaderDelegate;
import jdk.jshell.spi.ExecutionControl.ClassBytecodes;
import jdk.jshell.spi.ExecutionControl.ClassInstallException;

/** Loads what JShell has compiled. */
record Loading(Memory classes) implements LoaderDelegate {
    @Override
    public void load(ClassBytecodes[] loaded) throws ClassInstallException {
        boolean[] done = new boolean[loaded.length];
        for (ClassBytecodes each : loaded) {
            classes.put(each.name(), each.bytecodes());
        }
        for (int i = 0; i < loaded.length; i++) {
            try {
                classes.loadClass(loaded[i].name());
                done[i] = true;
            } catch (ClassNotFoundException | LinkageError error) {
                throw new ClassInstallException(error.toString(), done);
            }
        }
    }

    @Override
    public void classesRedefined(ClassBytecodes[] redefined) {}

    @Override
    public void addToClasspath(String path) {}

    @Override
    public Class<?> findClass(String name) throws ClassNotFoundException {
        return classes.loadClass(name);
    }
}
