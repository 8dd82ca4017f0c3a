package polykernel.server;

import java.nio.file.Path;
import polykernel.OnlySource;

/** Code that came as a query. */
final class Typed extends OnlySource {
    static final String NAME = "main.java";

    private final String code;

    Typed(String code) {
        super(Path.of(NAME));
        this.code = code;
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
        return code;
    }
}
