package io.hookswitch.control.dial;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Every pair of the table, as the documentation shows it. */
class BranchTableTest {
    private static final Path DOCUMENT = Path.of("..", "docs", "dial-fork.md");

    private static Map<String, BranchState> states() {
        Map<String, BranchState> states = new LinkedHashMap<>();
        states.put("Placing", new BranchState.Placing());
        states.put("Withdrawn", new BranchState.Withdrawn());
        states.put("Inviting", new BranchState.Inviting());
        states.put("Ringing", new BranchState.Ringing(false));
        states.put("Ringing early", new BranchState.Ringing(true));
        states.put("Connected", new BranchState.Connected());
        states.put("Over", new BranchState.Over());
        return states;
    }

    private static List<BranchEvent> events() {
        return List.of(
                new BranchEvent.Placed(),
                new BranchEvent.Refused(503),
                new BranchEvent.Provisional(180, false),
                new BranchEvent.Provisional(183, true),
                new BranchEvent.Provisional(199, true),
                new BranchEvent.Accepted(),
                new BranchEvent.Finished(486),
                new BranchEvent.Dropped());
    }

    @Test
    void shouldBeTheTableInTheDocumentationWhenEveryPairIsAsked() throws IOException {
        List<String> rows = new ArrayList<>();
        states().forEach((name, state) -> {
            StringBuilder row = new StringBuilder("| ").append(name).append(" |");
            for (BranchEvent event : events()) {
                BranchStep step = BranchTable.next(state, event);
                row.append(' ')
                        .append(name(step.next()))
                        .append(" / ")
                        .append(step.deed())
                        .append(" |");
            }
            rows.add(row.toString());
        });
        assertThat(Files.readAllLines(DOCUMENT)).containsSequence(rows);
    }

    private static String name(BranchState wanted) {
        return states().entrySet().stream()
                .filter(entry -> entry.getValue().equals(wanted))
                .findFirst()
                .orElseThrow()
                .getKey();
    }

    @Test
    void shouldConnectOnlyALegThatIsInvitedWhenEveryPairIsAsked() {
        states().forEach((name, state) -> {
            boolean open = state instanceof BranchState.Inviting || state instanceof BranchState.Ringing;
            assertThat(BranchTable.next(state, new BranchEvent.Accepted()).deed() == BranchStep.Deed.CONNECT)
                    .as(name)
                    .isEqualTo(open);
        });
    }
}
