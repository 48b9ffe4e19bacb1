// A telephone in a page: JsSIP, a tone as its microphone, and an ear that tells which tone it hears.
const phone = { events: [], session: null };

phone.note = (event) => phone.events.push(event);

phone.microphone = (hertz) => {
  phone.audio = new AudioContext();
  const oscillator = new OscillatorNode(phone.audio, { frequency: hertz });
  const volume = new GainNode(phone.audio, { gain: 0.3 });
  const out = new MediaStreamAudioDestinationNode(phone.audio);
  oscillator.connect(volume).connect(out);
  oscillator.start();
  phone.voice = out.stream;
};

phone.start = (socketUrl, uri, password, hertz) => {
  phone.microphone(hertz);
  phone.ua = new JsSIP.UA({
    sockets: [new JsSIP.WebSocketInterface(socketUrl)],
    uri,
    password,
    session_timers: false,
  });
  phone.ua.on('connected', () => phone.note('connected'));
  phone.ua.on('registered', () => phone.note('registered'));
  phone.ua.on('registrationFailed', (e) => phone.note('registrationFailed ' + e.cause));
  phone.ua.on('newRTCSession', ({ originator, session }) => phone.follow(originator, session));
  phone.ua.start();
};

phone.follow = (originator, session) => {
  phone.session = session;
  phone.note('session ' + originator);
  session.on('progress', () => phone.note('progress'));
  session.on('accepted', () => phone.note('accepted'));
  session.on('confirmed', () => phone.note('confirmed'));
  session.on('ended', (e) => phone.note('ended ' + e.originator + ' ' + e.cause));
  session.on('failed', (e) => phone.note('failed ' + e.originator + ' ' + e.cause));
  session.on('hold', (e) => phone.note('hold ' + e.originator));
  session.on('peerconnection', ({ peerconnection }) => phone.listen(peerconnection));
  if (session.connection) {
    phone.listen(session.connection);
  }
};

phone.listen = (connection) => {
  phone.connection = connection;
  connection.addEventListener('connectionstatechange', () => phone.note('media ' + connection.connectionState));
  connection.addEventListener('track', ({ track }) => {
    const heard = new MediaStream([track]);
    // Without an element that plays it, Chromium gives a remote stream's samples to nobody.
    phone.element = new Audio();
    phone.element.srcObject = heard;
    phone.element.muted = true;
    phone.element.play();
    phone.ear = new AnalyserNode(phone.audio, { fftSize: 16384, smoothingTimeConstant: 0 });
    phone.audio.createMediaStreamSource(heard).connect(phone.ear);
  });
};

phone.media = () => ({ mediaStream: phone.voice, pcConfig: { iceServers: [] } });

phone.answer = () => phone.session.answer(phone.media());

phone.call = (target) => phone.ua.call(target, phone.media());

// The loudest tone of what is heard, Hz; 0 = as good as silence.
phone.hears = () => {
  if (!phone.ear) {
    return 0;
  }
  const bins = new Float32Array(phone.ear.frequencyBinCount);
  phone.ear.getFloatFrequencyData(bins);
  let loudest = 0;
  bins.forEach((level, bin) => {
    if (level > bins[loudest]) {
      loudest = bin;
    }
  });
  return bins[loudest] > -60 ? (loudest * phone.audio.sampleRate) / phone.ear.fftSize : 0;
};

phone.statistics = async () => {
  const found = {};
  (await phone.connection.getStats()).forEach((entry) => {
    if (entry.type === 'inbound-rtp') {
      found.packetsReceived = entry.packetsReceived;
      found.packetsLost = entry.packetsLost;
    } else if (entry.type === 'transport') {
      found.dtlsState = entry.dtlsState;
      found.srtpCipher = entry.srtpCipher;
      found.iceState = entry.iceState;
    } else if (entry.type === 'outbound-rtp') {
      found.packetsSent = entry.packetsSent;
    } else if (entry.type === 'remote-inbound-rtp') {
      found.roundTrip = entry.roundTripTime;
      found.lostThere = entry.packetsLost;
    } else if (entry.type === 'codec') {
      found.codec = entry.mimeType;
    }
  });
  return found;
};
