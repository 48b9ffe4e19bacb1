package io.hookswitch.server.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Expected texts were printed by a JavaScript engine: {@code JSON.stringify(JSON.parse(text))}. */
class JavaScriptJsonTest {
    private static String again(String json) throws JavaScriptJson.NotJson {
        return JavaScriptJson.text(JavaScriptJson.read(json.getBytes(StandardCharsets.UTF_8)));
    }

    @ParameterizedTest
    @CsvSource({
        "1.0, 1",
        "1.50, 1.5",
        "1e3, 1000",
        "1.0E10, 10000000000",
        "-0, 0",
        "-0.0, 0",
        "1e21, 1e+21",
        "1e20, 100000000000000000000",
        "123456789012345678901234567890, 1.2345678901234568e+29",
        "0.000001, 0.000001",
        "0.0000001, 1e-7",
        "-1.5e-9, -1.5e-9",
        "9007199254740993, 9007199254740992",
        "-9007199254740993, -9007199254740992",
        "5e-324, 5e-324",
        "1e400, null",
        "1.7976931348623157e308, 1.7976931348623157e+308",
        "0.1, 0.1",
        "100, 100",
        "123.456, 123.456",
        "2e-6, 0.000002",
        "18446744073709551615, 18446744073709552000",
        "4.35, 4.35",
        "1e-6, 0.000001",
        "12e20, 1.2e+21"
    })
    void shouldWriteNumbersAsJavaScriptDoesWhenReadFromAnySpelling(String json, String expected)
            throws JavaScriptJson.NotJson {
        assertThat(again(json)).isEqualTo(expected);
    }

    @Test
    void shouldPutIntegerLikeKeysFirstAscendingWhenAnObjectHasThem() throws JavaScriptJson.NotJson {
        assertThat(again("{\"b\":1,\"2\":2,\"a\":3,\"1\":4,\"01\":5,\"4294967294\":6,\"4294967295\":7,\"-1\":8}"))
                .isEqualTo("{\"1\":4,\"2\":2,\"4294967294\":6,\"b\":1,\"a\":3,\"01\":5,\"4294967295\":7,\"-1\":8}");
    }

    @Test
    void shouldKeepTheLastOfDuplicateKeysInTheFirstOnesPlaceWhenRead() throws JavaScriptJson.NotJson {
        assertThat(again("{\"a\":1,\"b\":2,\"a\":3}")).isEqualTo("{\"a\":3,\"b\":2}");
    }

    @Test
    void shouldEscapeOnlyWhatJavaScriptEscapesWhenWritingStrings() throws JavaScriptJson.NotJson {
        assertThat(again("[\"\\u00e9\\/\\u003c\\u2028\\u007f\",\""
                        + "\\u0001\\u001f\\b\\f\\n\\r\\t\\\"\\\\\",\"\\ud83d\\ude00\",\"\\ud83d\"]"))
                .isEqualTo(
                        "[\"é/<\u2028\u007f\",\"\\u0001\\u001f\\b\\f\\n\\r\\t\\\"\\\\\",\"\uD83D\uDE00\",\"\\ud83d\"]");
    }

    @Test
    void shouldWriteEmptyAndNestedValuesCompactly() throws JavaScriptJson.NotJson {
        assertThat(again(" { \"a\" : [ ] , \"b\" : { } , \"c\" : [ null , true , false , [ 1 ] ] } "))
                .isEqualTo("{\"a\":[],\"b\":{},\"c\":[null,true,false,[1]]}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"{", "[1,]", "{\"a\":}", "nul", "1 2", "''", "{a:1}", "[1", "\"\\x\"", "01"})
    void shouldSayWhyWhenATextIsNotJson(String text) {
        assertThatThrownBy(() -> JavaScriptJson.read(text.getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(JavaScriptJson.NotJson.class)
                .hasMessageNotContaining("\n at");
    }

    @Test
    void shouldRefuseWhenNestedDeeperThanOneHundredLevels() throws JavaScriptJson.NotJson {
        assertThat(again("[".repeat(100) + "]".repeat(100))).hasSize(200);
        String deep = "[".repeat(101) + "]".repeat(101);
        assertThatThrownBy(() -> JavaScriptJson.read(deep.getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(JavaScriptJson.NotJson.class);
    }

    @Test
    void shouldNeverThrowAnythingElseWhenBytesAreRandom() {
        Random random = new Random(7);
        byte[] seed = "{\"a\":[1,2.5e3,\"x\\u00e9\",{\"b\":null}],\"c\":true}".getBytes(StandardCharsets.UTF_8);
        int refused = 0;
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = seed.clone();
            for (int k = 0; k <= i % 4; k++) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            try {
                JavaScriptJson.write(JavaScriptJson.read(bytes));
            } catch (JavaScriptJson.NotJson e) {
                refused++;
            }
        }
        assertThat(refused).isBetween(5_000, 19_999);
    }

    @Test
    void shouldRefuseAValueThatIsNotJsonWhenWriting() {
        assertThatThrownBy(() -> JavaScriptJson.text(Map.of("a", new Object())))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @CsvSource({"1e999999999, null", "-1e999999999, null", "1e-999999999, 0", "1E+300, 1e+300", "1e-300, 1e-300"})
    void shouldNotKeepDigitsThatNoDoubleHoldsWhenReading(String json, String expected) throws JavaScriptJson.NotJson {
        Object value = JavaScriptJson.read(json.getBytes(StandardCharsets.UTF_8));
        assertThat(((BigDecimal) value).toBigInteger().bitLength()).isLessThan(1400);
        assertThat(JavaScriptJson.text(value)).isEqualTo(expected);
    }

    /** The vectors above stand without it; where a JavaScript engine is installed it judges thousands more. */
    @Test
    void shouldGiveTheBytesOfAJavaScriptEngineWhenOneIsInstalled() throws Exception {
        Assumptions.assumeTrue(Files.isExecutable(Path.of("/usr/bin/node")), "node is not installed");
        Random random = new Random(42);
        StringBuilder documents = new StringBuilder();
        StringBuilder ours = new StringBuilder();
        for (int i = 0; i < 5000; i++) {
            String text = JavaScriptJson.text(
                    JavaScriptJson.read(document(random, 0).toString().getBytes(StandardCharsets.UTF_8)));
            documents.append(text).append('\n');
            ours.append(text).append('\n');
        }
        Path file = Files.createTempFile("documents", ".json");
        try {
            Files.writeString(file, documents);
            Process node = new ProcessBuilder(
                            "/usr/bin/node",
                            "-e",
                            "require('fs').readFileSync(process.argv[1],'utf8').split('\\n').slice(0,-1)"
                                    + ".forEach(l=>process.stdout.write(JSON.stringify(JSON.parse(l))+'\\n'))",
                            file.toString())
                    .redirectErrorStream(true)
                    .start();
            String theirs = new String(node.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(node.waitFor()).isZero();
            assertThat(ours.toString().split("\n")).containsExactly(theirs.split("\n"));
        } finally {
            Files.delete(file);
        }
    }

    /** A document as somebody careless would write it: any spelling of numbers, needless escapes, blanks. */
    private static StringBuilder document(Random random, int depth) {
        StringBuilder out = new StringBuilder();
        switch (random.nextInt(depth > 3 ? 4 : 6)) {
            case 0 -> out.append(random.nextInt(2000) - 1000).append(random.nextBoolean() ? "" : ".50");
            case 1 ->
                out.append(random.nextLong() >> random.nextInt(63))
                        .append('.')
                        .append(random.nextInt(100_000))
                        .append(random.nextBoolean() ? "" : "E" + (random.nextInt(700) - 350));
            case 2 -> string(random, out, 0x10000);
            case 3 -> out.append(random.nextBoolean() ? "null" : "true");
            case 4 -> {
                out.append("[ ");
                for (int i = random.nextInt(4); i > 0; i--) {
                    out.append(document(random, depth + 1)).append(" , ");
                }
                out.append("0 ]");
            }
            default -> {
                out.append("{ ");
                for (int i = random.nextInt(6); i > 0; i--) {
                    if (random.nextBoolean()) {
                        out.append('"').append(random.nextInt(12)).append('"');
                    } else {
                        string(random, out, 0xD800);
                    }
                    out.append(" : ").append(document(random, depth + 1)).append(" , ");
                }
                out.append("\"end\" : {} }");
            }
        }
        return out;
    }

    /** Keys stay below the surrogates: the reader refuses half a pair in a key, unlike JavaScript. */
    private static void string(Random random, StringBuilder out, int characters) {
        out.append('"');
        for (int i = random.nextInt(8); i > 0; i--) {
            out.append(
                    random.nextBoolean()
                            ? String.format("\\u%04X", random.nextInt(characters))
                            : Character.toString('a' + random.nextInt(26)));
        }
        out.append('"');
    }
}
