package io.hookswitch.systemtests.browser;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import tools.jackson.databind.JsonNode;

/**
 * A telephone in a browser: JsSIP in Chromium, registered over a WebSocket, that says a tone and tells which one it
 * hears.
 */
public final class BrowserPhone implements AutoCloseable {
    private static final Path NODE_MODULES = Path.of("target", "browser", "node_modules");
    private static final String JSSIP = NodeModules.script(NODE_MODULES, "jssip", "JsSIP");

    private final HttpServer pages;
    private final Chromium browser;

    /** Opens the page; it registers as {@code user@realm}. */
    public BrowserPhone(String socketUrl, String user, String realm, String password, int toneHz) {
        try {
            pages = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        pages.createContext("/", BrowserPhone::serve);
        pages.start();
        browser = new Chromium("http://127.0.0.1:" + pages.getAddress().getPort() + "/phone.html");
        browser.run("phone.start('%s', 'sip:%s@%s', '%s', %d)".formatted(socketUrl, user, realm, password, toneHz));
        awaitEvent("registered");
    }

    private static void serve(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        try {
            byte[] bytes = path.equals("/jssip.js") ? JSSIP.getBytes(StandardCharsets.UTF_8) : page(path);
            String type = path.endsWith(".js") ? "text/javascript" : "text/html";
            exchange.getResponseHeaders().set("Content-Type", type + "; charset=utf-8");
            exchange.sendResponseHeaders(bytes.length == 0 ? 404 : 200, bytes.length == 0 ? -1 : bytes.length);
            exchange.getResponseBody().write(bytes);
        } finally {
            exchange.close();
        }
    }

    private static byte[] page(String path) throws IOException {
        try (InputStream file = BrowserPhone.class.getResourceAsStream("/browser" + path)) {
            return file == null ? new byte[0] : file.readAllBytes();
        }
    }

    /** Waits until something has happened in the page, as phone.js notes it. */
    public void awaitEvent(String event) {
        try {
            browser.await("phone.events.some((each) => each.startsWith('" + event + "'))");
        } catch (AssertionError e) {
            throw new AssertionError(event + "; the page noted " + browser.run("JSON.stringify(phone.events)"), e);
        }
    }

    /** Forgets what has happened. */
    public void forget() {
        browser.run("void (phone.events.length = 0)");
    }

    /** Answers the call that rings. */
    public void answer() {
        awaitEvent("session remote");
        browser.run("void phone.answer()");
    }

    /** Calls somebody. */
    public void call(String target) {
        browser.run("void phone.call('" + target + "')");
    }

    /** Hangs up, or refuses. */
    public void hangUp() {
        browser.run("void phone.session.terminate()");
    }

    /** Holds the call, or holds it no longer. */
    public void hold(boolean isHeld) {
        browser.run("void phone.session." + (isHeld ? "hold" : "unhold") + "()");
    }

    /** Presses a key, told by telephone events (RFC 4733). */
    public void press(String key) {
        browser.run("void phone.session.sendDTMF('" + key + "', { transportType: 'RFC2833' })");
    }

    /** Waits until this tone is the loudest of what is heard. */
    public void awaitTone(int hz) {
        try {
            browser.await("Math.abs(phone.hears() - " + hz + ") < 20");
        } catch (AssertionError e) {
            throw new AssertionError("hears " + browser.run("phone.hears()") + " Hz; " + statistics(), e);
        }
    }

    /** Waits until nothing is heard. */
    public void awaitSilence() {
        browser.await("phone.hears() === 0");
    }

    /** @return the connection's statistics as phone.js names them. */
    public JsonNode statistics() {
        return browser.run("phone.statistics()");
    }

    /** Closes the page's socket as a lost network would. */
    public void vanish() {
        browser.run("void phone.ua._transport.socket._ws.close()");
        assertThat(browser.run("true").asBoolean()).isTrue();
    }

    @Override
    public void close() {
        browser.close();
        pages.stop(0);
    }
}
