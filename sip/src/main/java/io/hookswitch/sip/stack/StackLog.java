package io.hookswitch.sip.stack;

import gov.nist.core.StackLogger;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.ErrorHandler;

/**
 * What the stack would log: nothing is written, errors are counted, exceptions it swallowed go to the error handler.
 * Made by the stack, by name; all stacks of a process share the last one made.
 */
public final class StackLog implements StackLogger {
    private final AtomicLong errors = new AtomicLong();
    private ErrorHandler handler = _ -> {};

    /** Made by the stack, by name. */
    public StackLog() {}

    /** Names who hears of exceptions the stack caught. */
    void handler(ErrorHandler errorHandler) {
        handler = errorHandler;
    }

    /** @return errors logged. Any thread. */
    long errors() {
        return errors.get();
    }

    private void count(Throwable thrown) {
        errors.incrementAndGet();
        if (thrown != null) {
            handler.onError(thrown);
        }
    }

    @Override
    public void logStackTrace() {}

    @Override
    public void logStackTrace(int level) {}

    @Override
    public int getLineCount() {
        return 0;
    }

    @Override
    public void logException(Throwable thrown) {
        count(thrown);
    }

    @Override
    public void logDebug(String message) {}

    @Override
    public void logDebug(String message, Exception thrown) {}

    @Override
    public void logTrace(String message) {}

    @Override
    public void logFatalError(String message) {
        count(null);
    }

    @Override
    public void logError(String message) {
        count(null);
    }

    @Override
    public void logError(String message, Exception thrown) {
        count(thrown);
    }

    @Override
    public boolean isLoggingEnabled() {
        return false;
    }

    @Override
    public boolean isLoggingEnabled(int level) {
        return false;
    }

    @Override
    public void logWarning(String message) {}

    @Override
    public void logInfo(String message) {}

    @Override
    public void disableLogging() {}

    @Override
    public void enableLogging() {}

    @Override
    public void setBuildTimeStamp(String stamp) {}

    @Override
    public void setStackProperties(Properties properties) {}

    @Override
    public String getLoggerName() {
        return "hookswitch";
    }
}
