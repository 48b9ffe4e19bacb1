package io.hookswitch.rtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * How often the detector is right about greetings that espeak-ng speaks, in several languages and voices, in noise and
 * through G.711. Counts are printed.
 */
class GreetingAccuracyTest {
    private static final Path ESPEAK = Path.of("/usr/bin/espeak-ng");
    private static final int RATE = GreetingDetector.RATE;
    private static final double[] NOISE_DB = {-90, -55, -45, -38};
    private static final double LEAST_RIGHT = 0.9;

    /** Fewer than nine words, and what a person says. */
    private static final String[][] PERSONS = {
        {"en-us", "Hello?"},
        {"en-us", "Hello, this is Peter."},
        {"en-gb", "Yes?"},
        {"en-gb", "Good morning, Smith speaking."},
        {"en-us", "Hi, who is this?"},
        {"en-us", "Jane Miller, how can I help?"},
        {"de", "Hallo?"},
        {"de", "Ja, bitte?"},
        {"de", "Guten Tag, hier ist Anna Weber."},
        {"es", "Hola, diga?"},
        {"es", "Buenos dias, soy Carmen."},
        {"fr", "Allo, oui?"},
        {"fr", "Bonjour, Marie Dupont."},
        {"it", "Pronto, chi parla?"},
    };

    /** Twelve words and more, and what a machine says. */
    private static final String[][] MACHINES = {
        {
            "en-us",
            "Hello, you have reached Peter Smith. I cannot take your call right now. Please leave a message "
                    + "after the tone."
        },
        {"en-us", "The person you are calling is not available. At the tone, please record your message."},
        {"en-gb", "Thank you for calling. Our office is closed at the moment, please call again tomorrow morning."},
        {"en-gb", "Hi, this is Jane, sorry I missed you, leave your name and number and I will call you back."},
        {"en-us", "We are sorry, your call cannot be completed as dialled. Please check the number and dial again."},
        {
            "de",
            "Guten Tag, Sie sind verbunden mit dem Anschluss der Familie Weber. Bitte hinterlassen Sie eine "
                    + "Nachricht nach dem Signalton."
        },
        {
            "de",
            "Der Teilnehmer ist zur Zeit nicht erreichbar. Bitte versuchen Sie es zu einem anderen Zeitpunkt "
                    + "noch einmal."
        },
        {"es", "Hola, ahora no puedo atender su llamada, por favor deje su mensaje despues de la senal, gracias."},
        {
            "fr",
            "Bonjour, vous etes bien chez Marie Dupont, je ne suis pas disponible, laissez un message apres le "
                    + "bip sonore."
        },
        {
            "it",
            "In questo momento non posso rispondere, lasciate un messaggio dopo il segnale acustico, grazie mille "
                    + "e arrivederci."
        },
    };

    private static final String[] VARIANTS = {"", "+f2"};

    @Test
    void shouldTellPersonsFromMachinesMostOfTheTime() throws IOException, InterruptedException {
        assumeTrue(Files.isExecutable(ESPEAK), "espeak-ng is not installed");
        List<String> wrong = new ArrayList<>();
        int persons = count("persons", PERSONS, GreetingDetector.PERSON, wrong);
        int machines = count("machines", MACHINES, GreetingDetector.MACHINE, wrong);
        wrong.forEach(System.out::println);
        int perGreeting = VARIANTS.length * NOISE_DB.length;
        assertThat(persons).isGreaterThanOrEqualTo((int) (LEAST_RIGHT * perGreeting * PERSONS.length));
        assertThat(machines).isGreaterThanOrEqualTo((int) (LEAST_RIGHT * perGreeting * MACHINES.length));
    }

    private static int count(String what, String[][] greetings, int wanted, List<String> wrong)
            throws IOException, InterruptedException {
        int right = 0;
        int all = 0;
        for (String[] greeting : greetings) {
            for (String variant : VARIANTS) {
                short[] spoken = speak(greeting[0] + variant, greeting[1]);
                for (double noise : NOISE_DB) {
                    all++;
                    GreetingDetector detector = new GreetingDetector(9, 2_000);
                    int found = detector.hear(heard(spoken, noise, all), spoken.length);
                    if ((found & (GreetingDetector.PERSON | GreetingDetector.MACHINE)) == wanted
                            && (found & GreetingDetector.BEEP) == 0) {
                        right++;
                    } else {
                        wrong.add("wrong: " + greeting[0] + variant + " " + noise + " dB, " + detector.words()
                                + " words, bits " + found + ": " + greeting[1]);
                    }
                }
            }
        }
        System.out.println(what + ": " + right + " of " + all + " right");
        return right;
    }

    /** In noise, through G.711 mu-law. */
    private static short[] heard(short[] spoken, double noiseDb, long seed) {
        Random random = new Random(seed);
        double level = 32_768 * Math.pow(10, noiseDb / 20);
        short[] heard = new short[spoken.length];
        for (int i = 0; i < spoken.length; i++) {
            double noisy = Math.clamp(spoken[i] + level * random.nextGaussian(), Short.MIN_VALUE, Short.MAX_VALUE);
            heard[i] = G711.decodeMuLaw(G711.encodeMuLaw((int) noisy) & 0xFF);
        }
        return heard;
    }

    /** @return what a voice says at 8 kHz and about -20 dB, with 400 ms before it and 3 s behind it. */
    private static short[] speak(String voice, String text) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(ESPEAK.toString(), "-v", voice, "--stdout", text)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        byte[] wav = process.getInputStream().readAllBytes();
        assertThat(process.waitFor()).isZero();
        ByteBuffer bytes = ByteBuffer.wrap(wav).order(ByteOrder.LITTLE_ENDIAN);
        int rate = bytes.getInt(24);
        int count = (wav.length - 44) / Short.BYTES;
        double step = (double) rate / RATE;
        short[] samples = new short[RATE * 34 / 10 + (int) (count / step)];
        for (int i = 0; i < (int) (count / step) - 4; i++) {
            // The mean of what a sample stands for is filter enough for telling speech from silence.
            int from = (int) (i * step);
            double sum = 0;
            for (int k = 0; k < (int) step + 1; k++) {
                sum += bytes.getShort(44 + Short.BYTES * (from + k));
            }
            samples[RATE * 4 / 10 + i] = (short) (sum / ((int) step + 1) * 0.6);
        }
        return samples;
    }
}
