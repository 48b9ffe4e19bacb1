/*
 * What libspandsp's receiver takes for keys in files of A-law at 8 kHz, in packets of 20 ms.
 *
 *   spandsp_hears FILE...     prints "FILE keys" for each
 */
#include <spandsp.h>
#include <stdio.h>
#include <stdlib.h>

#define SAMPLES 160

int main(int argc, char **argv) {
  for (int i = 1; i < argc; i++) {
    FILE *in = fopen(argv[i], "rb");
    if (!in) {
      perror(argv[i]);
      return 1;
    }
    dtmf_rx_state_t *receiver = dtmf_rx_init(NULL, NULL, NULL);
    if (!receiver) {
      fprintf(stderr, "spandsp_hears: no receiver\n");
      return 1;
    }
    uint8_t packet[SAMPLES];
    int16_t linear[SAMPLES];
    char keys[128];
    printf("%s ", argv[i]);
    for (size_t n; (n = fread(packet, 1, SAMPLES, in)) > 0;) {
      for (size_t k = 0; k < n; k++) linear[k] = alaw_to_linear(packet[k]);
      dtmf_rx(receiver, linear, (int)n);
      size_t got = dtmf_rx_get(receiver, keys, sizeof keys - 1);
      fwrite(keys, 1, got, stdout);
    }
    printf("\n");
    dtmf_rx_free(receiver);
    fclose(in);
  }
  return 0;
}
