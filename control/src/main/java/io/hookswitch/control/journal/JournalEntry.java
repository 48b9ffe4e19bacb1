package io.hookswitch.control.journal;

import io.hookswitch.control.ControlCommand;
import io.hookswitch.control.ControlEvent;
import java.util.List;

/**
 * One event of a call with all that its commands depend on, and those commands.
 *
 * @param call control's number of the call, unique within a run
 * @param nowNs ns of control's clock
 * @param numbers how many numbers control had made before
 * @param answers what the directory was asked, in order
 * @param failure name of the exception that ended the call, null = none
 * @param isLast nothing of the call is open any more
 */
public record JournalEntry(
        long call,
        long nowNs,
        long numbers,
        long entropyHigh,
        long entropyLow,
        ControlEvent event,
        List<Answer> answers,
        String failure,
        List<ControlCommand> commands,
        boolean isLast) {}
