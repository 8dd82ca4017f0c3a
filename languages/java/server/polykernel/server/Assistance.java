package polykernel.server;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.lang.model.SourceVersion;
import jdk.jshell.Snippet;
import jdk.jshell.SourceCodeAnalysis;
import jdk.jshell.SourceCodeAnalysis.CompletionInfo;
import jdk.jshell.SourceCodeAnalysis.Documentation;
import jdk.jshell.SourceCodeAnalysis.Suggestion;

/** Answers what is asked about code that somebody writes. */
record Assistance(SourceCodeAnalysis analysis, Connection connection) {
    private static final Pattern PACKAGE = Pattern.compile("\\A\\s*package\\s+[\\w.]+\\s*;");
    private static final Pattern NAME =
            Pattern.compile("\\p{javaJavaIdentifierStart}\\p{javaJavaIdentifierPart}*");
    private static final String INDENT = "    ";

    /** Code up to the cursor, as JShell is to see it: one piece, of which {@code skipped} is ours. */
    private record View(String code, int skipped) {}

    void answer(Connection.Message question) throws IOException {
        switch (question.kind()) {
            case "complete" -> complete(question.text(), head(question));
            case "inspect" -> connection.send("inspection", inspect(question.text(), head(question)));
            default -> {
                String code = PACKAGE.matcher(question.text()).replaceFirst("");
                connection.send("completeness " + completeness(code), indent(code));
            }
        }
    }

    private static String head(Connection.Message question) {
        int cursor = Integer.parseInt(question.words().get(1));
        return new String(question.body(), 0, cursor, StandardCharsets.UTF_8);
    }

    private void complete(String code, String head) throws IOException {
        View view = view(head);
        int[] anchor = {0};
        List<Suggestion> found =
                analysis.completionSuggestions(view.code(), view.code().length(), anchor);
        int start = found.isEmpty() ? nameAtEnd(head) : Math.max(0, anchor[0] - view.skipped());
        Stream<String> known = found.stream()
                .sorted((one, other) -> Boolean.compare(other.matchesType(), one.matchesType()))
                .map(Suggestion::continuation);
        String suggestions = Stream.concat(names(code, head, start), known)
                .distinct().collect(Collectors.joining("\n"));
        connection.send("completions " + bytes(head.substring(0, start)) + " " + bytes(head), suggestions);
    }

    /** The names in the code: JShell knows none of what has not been evaluated. */
    private static Stream<String> names(String code, String head, int start) {
        String begun = head.substring(start);
        boolean isMember = head.substring(0, start).stripTrailing().endsWith(".");
        return begun.isEmpty() || isMember ? Stream.of() : NAME.matcher(code).results()
                .filter(name -> name.start() != start)
                .map(MatchResult::group)
                .filter(name -> name.startsWith(begun) && !SourceVersion.isKeyword(name))
                .sorted();
    }

    private static int nameAtEnd(String head) {
        int start = head.length();
        while (start > 0 && Character.isJavaIdentifierPart(head.charAt(start - 1))) {
            start--;
        }
        return start;
    }

    private String inspect(String code, String head) {
        int end = head.length();
        while (end < code.length() && Character.isJavaIdentifierPart(code.charAt(end))) {
            end++;
        }
        String name = view(code.substring(0, end)).code();
        List<Documentation> found = analysis.documentation(name, name.length(), false);
        if (found.isEmpty()) {
            found = analysis.documentation(name + "(", name.length() + 1, false);
        }
        return found.stream().map(Documentation::signature).distinct().collect(Collectors.joining("\n"));
    }

    private String completeness(String code) {
        for (String rest = code; !rest.isBlank();) {
            CompletionInfo info = analysis.analyzeCompletion(rest);
            switch (info.completeness()) {
                case EMPTY -> rest = "";
                case COMPLETE, COMPLETE_WITH_SEMI, CONSIDERED_INCOMPLETE -> rest = info.remaining();
                case DEFINITELY_INCOMPLETE -> {
                    return "incomplete";
                }
                default -> {
                    return "invalid";
                }
            }
        }
        return "complete";
    }

    /** That of the last line, and more in an open block. */
    private static String indent(String code) {
        String last = code.lines().filter(line -> !line.isBlank()).reduce("", (_, line) -> line);
        String given = last.substring(0, last.length() - last.stripLeading().length());
        return last.stripTrailing().endsWith("{") ? given + INDENT : given;
    }

    /** JShell looks at one statement; a block makes those before it one with it. */
    private View view(String head) {
        String rest = PACKAGE.matcher(head).replaceFirst("");
        var before = new StringBuilder();
        CompletionInfo info = analysis.analyzeCompletion(rest);
        while (info.completeness().isComplete() && !info.remaining().isBlank()) {
            if (analysis.sourceToSnippets(info.source()).stream().allMatch(Assistance::fitsInBlock)) {
                before.append(info.source()).append('\n');
            }
            rest = info.remaining();
            info = analysis.analyzeCompletion(rest);
        }
        String block = before.isEmpty() ? "" : "{" + before;
        return new View(block + rest, block.length() - (head.length() - rest.length()));
    }

    private static boolean fitsInBlock(Snippet snippet) {
        return switch (snippet.kind()) {
            case VAR, STATEMENT, EXPRESSION, TYPE_DECL -> true;
            default -> false;
        };
    }

    private static int bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }
}
