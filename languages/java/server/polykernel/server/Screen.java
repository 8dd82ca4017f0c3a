package polykernel.server;

import java.io.IOException;
import java.io.UncheckedIOException;

/** Where the value of a query is shown. */
record Screen(Streams streams, Connection connection) {
    void print(String value) {
        streams.out().println(value);
    }

    /** Shows a picture, and waits until it is shown: what is printed next comes behind it. */
    void show(byte[] png) {
        streams.flush();
        try {
            connection.send("media image/png", png);
            connection.receive();
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        }
    }
}
