package polykernel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.tools.SimpleJavaFileObject;

/** The one source of a program: its public class may have another name than the file. */
public class OnlySource extends SimpleJavaFileObject {
    private final Path path;

    protected OnlySource(Path path) {
        super(path.toUri(), Kind.SOURCE);
        this.path = path;
    }

    @Override
    public boolean isNameCompatible(String simpleName, Kind kind) {
        return kind == Kind.SOURCE;
    }

    @Override
    public String getName() {
        return path.toString();
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) throws IOException {
        return Files.readString(path);
    }
}
