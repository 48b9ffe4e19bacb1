package io.hookswitch.engine.core;

/** The end of a leg for everything that works on its media; its ports are the sip side's to settle. Core thread. */
final class LegTeardown {
    private final LegTable legs;
    private final SocketOwners owners;
    private final Bridges bridges;
    private final FirstWords firstWords;
    private final DigitStep digits;
    private final Player player;
    private final TrackMixer tracks;
    private final RtcpStep rtcp;
    private final IceStep ice;
    private final SrtpStep srtp;
    private final InbandStep inband;
    private final SilenceWatch silence;

    LegTeardown(
            CoreState core,
            Bridges bridges,
            FirstWords firstWords,
            DigitStep digits,
            Player player,
            TrackMixer tracks,
            RtcpStep rtcp,
            IceStep ice,
            SrtpStep srtp,
            InbandStep inband,
            SilenceWatch silence) {
        legs = core.legs();
        owners = core.owners();
        this.bridges = bridges;
        this.firstWords = firstWords;
        this.digits = digits;
        this.player = player;
        this.tracks = tracks;
        this.rtcp = rtcp;
        this.ice = ice;
        this.srtp = srtp;
        this.inband = inband;
        this.silence = silence;
    }

    /** Stops all of it; the leg is over for control from now on. */
    void stop(int row, long nowNs) {
        firstWords.end(row);
        bridges.part(row);
        rtcp.stop(row, nowNs);
        digits.stop(row);
        player.end(row, nowNs);
        tracks.end(row, nowNs);
        ice.stop(row);
        srtp.stop(row);
        inband.stop(row);
        silence.stop(row);
        owners.disown(legs.rtpSocket(row), legs.rtcpSocket(row));
        legs.state(row, LegTable.ENDING);
    }
}
