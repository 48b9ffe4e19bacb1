package io.hookswitch.server.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Random;
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
}
