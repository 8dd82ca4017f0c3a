package polykernel.server;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import jdk.jshell.SourceCodeAnalysis.SnippetWrapper;

/** The classes that JShell puts around what it is given, and how to look behind them. */
final class Wrapped {
    /** Where a piece of code stands: in which query, from which line on. */
    record Origin(String query, int line) {}

    private static final Pattern NAME = Pattern.compile("REPL\\.\\$JShell\\$\\d+[A-Z]*");
    private static final Pattern MEMBER = Pattern.compile(NAME + "\\$(?=\\p{javaJavaIdentifierStart})");
    private static final Pattern STATEMENT = Pattern.compile(NAME + "\\.do_it\\$(?:Aux)?(?=\\()");

    private Wrapped() {}

    /** The wrapper that a class is or is in. */
    static String wrapper(String className) {
        var matcher = NAME.matcher(className);
        return matcher.lookingAt() ? matcher.group() : className;
    }

    /** Whether it is another for something that had one. */
    static boolean isRenewed(String wrapper) {
        return Character.isLetter(wrapper.charAt(wrapper.length() - 1));
    }

    /** The text of a trace without wrappers' names. */
    static String unwrapped(String trace) {
        String named = STATEMENT.matcher(trace).replaceAll("REPL.main");
        return NAME.matcher(MEMBER.matcher(named).replaceAll("")).replaceAll("REPL");
    }

    /** What the lines of a wrapper are in the query: element N is that of line N. */
    record Lines(Origin origin, List<Integer> all) {
        static Lines of(Origin origin) {
            return new Lines(origin, List.of());
        }

        static Lines of(SnippetWrapper wrapper, Origin origin) {
            String source = wrapper.source();
            List<Integer> all = new ArrayList<>(List.of(origin.line()));
            int start = 0;
            for (String line : wrapper.wrapped().split("\n", -1)) {
                int code = start + line.length() - line.stripLeading().length();
                int place = Math.clamp(wrapper.wrappedToSourcePosition(code), 0, source.length());
                all.add(origin.line() + newlines(source.substring(0, place)));
                start += line.length() + 1;
            }
            return new Lines(origin, all);
        }

        int inQuery(int line) {
            return line < all.size() ? all.get(line) : origin.line();
        }
    }

    static int newlines(String text) {
        return Math.toIntExact(text.chars().filter(each -> each == '\n').count());
    }
}
