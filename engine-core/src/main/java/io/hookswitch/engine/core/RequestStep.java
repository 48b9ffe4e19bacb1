package io.hookswitch.engine.core;

import io.hookswitch.engine.message.CoreCommand;
import io.hookswitch.engine.message.CoreEvent;
import io.hookswitch.engine.message.MessageFlyweight;
import io.hookswitch.engine.message.SipCommand;
import io.hookswitch.engine.message.SipEvent;
import io.hookswitch.engine.ring.SlotRing;

/**
 * Requests inside dialogs that are control's business: handed over, both ways. Both output rings have room for what is
 * handed over here. Core thread.
 */
final class RequestStep {
    private static final int NO_DIALOG = 481;

    private final LegTable legs;
    private final SlotRing sipCommands;
    private final SlotRing events;

    RequestStep(CoreState core) {
        legs = core.legs();
        sipCommands = core.rings().sipCommands();
        events = core.rings().events();
    }

    /** The sip side tells of a far end's request, or of what ours came to. @return whether it was one of these */
    boolean onSipEvent(int row, MessageFlyweight message, long nowNs) {
        switch (message.type()) {
            case SipEvent.REFERRED -> requested(row, CoreEvent.REFERRED, message, nowNs);
            case SipEvent.REQUESTED -> requested(row, CoreEvent.REQUESTED, message, nowNs);
            // Also behind the leg's end: somebody waits for it.
            case SipEvent.REQUEST_ANSWERED -> tell(row, CoreEvent.REQUEST_ANSWERED, message, nowNs);
            default -> {
                return false;
            }
        }
        return true;
    }

    private void requested(int row, int type, MessageFlyweight message, long nowNs) {
        if (legs.state(row) != LegTable.ENDING) {
            tell(row, type, message, nowNs);
        }
    }

    private void tell(int row, int type, MessageFlyweight message, long nowNs) {
        events.tryClaim(type)
                .leg(legs.handle(row))
                .call(legs.call(row))
                .reference(message.reference())
                .timeNs(nowNs)
                .status(message.status())
                .copyFields(message);
        events.publish();
    }

    /** Hands an answer of control's to the sip side. @return false when the leg is over */
    boolean answer(int row, MessageFlyweight command, int type) {
        if (isOver(row)) {
            return false;
        }
        sipCommands.tryClaim(type).leg(command.leg()).status(command.status());
        sipCommands.publish();
        return true;
    }

    /** Takes a command {@link CoreCommand#REQUEST}. */
    void request(int row, MessageFlyweight command, long nowNs) {
        if (isOver(row) || legs.state(row) != LegTable.ANSWERED) {
            events.tryClaim(CoreEvent.REQUEST_ANSWERED)
                    .leg(command.leg())
                    .call(command.call())
                    .reference(command.reference())
                    .timeNs(nowNs)
                    .status(NO_DIALOG);
            events.publish();
            return;
        }
        sipCommands
                .tryClaim(SipCommand.REQUEST)
                .leg(command.leg())
                .reference(command.reference())
                .copyFields(command);
        sipCommands.publish();
    }

    private boolean isOver(int row) {
        return row == LegTable.NONE || legs.state(row) == LegTable.ENDING;
    }
}
