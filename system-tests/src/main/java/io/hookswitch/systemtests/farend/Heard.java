package io.hookswitch.systemtests.farend;

import java.util.List;

/**
 * What a far end's RTP socket has received so far.
 *
 * @param packets RTP packets
 * @param lost sequence numbers never seen
 * @param disordered packets behind or repeating a sequence number seen before
 * @param sources distinct SSRCs: 1 for a stream that stayed whole
 * @param timestampFaults audio packets whose timestamp is not that of the packet before plus 160 per sequence number
 * @param largestGapMs longest wait between two packets
 * @param payloadTypes payload types in order of first appearance
 * @param keys telephone events (RFC 4733), each once, as the characters of the keys
 * @param reports RTCP packets on the port above
 */
public record Heard(
        long packets,
        long lost,
        long disordered,
        int sources,
        long timestampFaults,
        double largestGapMs,
        List<Integer> payloadTypes,
        String keys,
        long reports) {}
