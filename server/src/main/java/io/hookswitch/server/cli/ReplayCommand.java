package io.hookswitch.server.cli;

import io.hookswitch.control.journal.CallJournal;
import io.hookswitch.control.journal.CallJournal.Ending;
import io.hookswitch.control.journal.Replay;
import io.hookswitch.server.build.Build;
import io.hookswitch.server.journal.JournalReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Decides on every event of journaled calls again and compares the commands byte for byte. */
@Command(
        name = "replay",
        description = "Decide on every event of journaled calls again and compare each command byte for byte.",
        footer = "Exit code 0: every command is the same; 1: some are not, or the journal cannot be read.",
        mixinStandardHelpOptions = true)
public final class ReplayCommand implements Callable<Integer> {
    /** Differences that are told in full. */
    private static final int TOLD_MAX = 20;

    @Parameters(paramLabel = "FILE", description = "a file of a journal, or a directory of such files")
    private Path file;

    @Spec
    private CommandSpec spec;

    private int commands;
    private int events;
    private int different;
    private int incomplete;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        List<CallJournal> calls;
        try {
            calls = JournalReader.read(file);
            for (CallJournal call : calls) {
                replay(out, call);
            }
        } catch (IOException e) {
            spec.commandLine().getErr().println("hookswitch: " + e.getMessage());
            return 1;
        }
        out.println(calls.size() + " calls, " + events + " events, " + commands + " commands: "
                + (different == 0 ? "every command is the same" : different + " calls differ")
                + (incomplete == 0 ? "" : "; " + incomplete + " calls are not whole"));
        out.flush();
        return different == 0 ? 0 : 1;
    }

    private void replay(PrintWriter out, CallJournal call) throws IOException {
        if (call.ending() instanceof Ending.Cut(String reason)) {
            incomplete++;
            out.println(name(call) + " is not whole: " + reason);
        } else if (call.ending() instanceof Ending.Open) {
            incomplete++;
            out.println(name(call) + " has no end: it was going on, or the process died");
        }
        switch (Replay.of(call)) {
            case Replay.Result.Same(int same, int compared) -> {
                events += same;
                commands += compared;
            }
            case Replay.Result.Different found -> {
                if (++different <= TOLD_MAX) {
                    tell(out, call, found);
                }
            }
        }
    }

    private static void tell(PrintWriter out, CallJournal call, Replay.Result.Different found) throws IOException {
        out.println(name(call) + " differs at event " + (found.event() + 1) + " of "
                + call.steps().size() + (found.command() < 0 ? "" : ", command " + (found.command() + 1)));
        out.println("  event     " + call.steps().get(found.event()).event());
        out.println("  journaled " + found.journaled());
        out.println("  replayed  " + found.replayed());
        String build = Build.version();
        if (!call.header().build().equals(build)) {
            out.println("  it was journaled by build " + call.header().build() + ", this is " + build);
        }
    }

    private static String name(CallJournal call) {
        return "call " + Long.toHexString(call.call()) + " of run "
                + call.header().run();
    }
}
