package polykernel.server;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** Messages to and from the runner: a line of words, the last of them the size of a body. */
final class Connection implements AutoCloseable {
    /** The words but for the size, and the body. */
    record Message(List<String> words, byte[] body) {
        String kind() {
            return words.getFirst();
        }

        String text() {
            return new String(body, StandardCharsets.UTF_8);
        }
    }

    private final SocketChannel channel;
    private final InputStream incoming;

    Connection(Path socket) throws IOException {
        channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
        incoming = new BufferedInputStream(Channels.newInputStream(channel));
    }

    /** Returns the next message, or null when the runner has hung up. */
    Message receive() throws IOException {
        var header = new ByteArrayOutputStream();
        for (int read = incoming.read(); read != '\n'; read = incoming.read()) {
            if (read < 0) {
                return null;
            }
            header.write(read);
        }
        List<String> words = List.of(header.toString(StandardCharsets.US_ASCII).split(" "));
        int size = Integer.parseInt(words.getLast());
        byte[] body = incoming.readNBytes(size);
        if (body.length < size) {
            throw new EOFException();
        }
        return new Message(words.subList(0, words.size() - 1), body);
    }

    void send(String header) throws IOException {
        send(header, "");
    }

    void send(String header, String body) throws IOException {
        send(header, body.getBytes(StandardCharsets.UTF_8));
    }

    void send(String header, byte[] body) throws IOException {
        byte[] line = (header + " " + body.length + "\n").getBytes(StandardCharsets.US_ASCII);
        var message = ByteBuffer.allocate(line.length + body.length).put(line).put(body).flip();
        while (message.hasRemaining()) {
            channel.write(message);
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
