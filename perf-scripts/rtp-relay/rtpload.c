/*
 * Open-loop RTP load over loopback for one relay: every leg sends a 172-byte G.711 packet each 20 ms, evenly spread; every packet
 * carries its leg and its sending time in the payload and is matched when the relay hands it to the other leg's far end.
 *
 *   rtpload PORTS CALLS SECONDS BASE_PORT
 *
 * PORTS: a file with "relay_port_a relay_port_b" a line, one line a call. The far ends of the A legs are the UDP ports
 * BASE_PORT..BASE_PORT+3 of 127.0.0.1, those of the B legs BASE_PORT+4..BASE_PORT+7 (call i uses i mod 4): few sockets, so that the
 * generator stays cheaper than what it measures. Prints one JSON object. Load is bounded: 20,000 calls, 120 s.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SIDE_SOCKETS 4
#define SOCKETS (2 * SIDE_SOCKETS)
#define PACKET 172
#define BATCH 64
#define MAX_CALLS 20000
#define PERIOD_NS 20000000LL
#define BUCKETS 4096 /* 64 octaves x 64 steps of ns */

static int sockets[SOCKETS];
static struct sockaddr_in relay[2 * MAX_CALLS];
static uint16_t sequence_out[2 * MAX_CALLS];
static uint64_t histogram[BUCKETS];
/* Each run is a new stream: numbers that begin again under an old SSRC would be duplicates, and rightly dropped. */
static uint32_t run_ssrc;
static uint64_t sent, received, foreign, send_errors, late_ns_max;

static int64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static int bucket(int64_t ns) {
  if (ns < 64) return ns < 0 ? 0 : (int)ns;
  int octave = 63 - __builtin_clzll((uint64_t)ns);
  return (octave - 5) * 64 + (int)((ns >> (octave - 6)) & 63);
}

static double bucket_us(int index) {
  if (index < 64) return index / 1000.0;
  int octave = index / 64 + 5;
  return (double)((64ULL + (uint64_t)(index & 63)) << (octave - 6)) / 1000.0;
}

static double quantile_us(double q) {
  uint64_t rank = (uint64_t)ceil(q * (double)received), seen = 0;
  for (int i = 0; i < BUCKETS; i++)
    if ((seen += histogram[i]) >= rank && seen) return bucket_us(i);
  return 0;
}

static void receive_all(void) {
  static uint8_t in[BATCH][256];
  static struct mmsghdr messages[BATCH];
  static struct iovec vectors[BATCH];
  for (int s = 0; s < SOCKETS; s++) {
    for (int i = 0; i < BATCH; i++) {
      vectors[i] = (struct iovec){in[i], sizeof in[i]};
      messages[i].msg_hdr = (struct msghdr){.msg_iov = &vectors[i], .msg_iovlen = 1};
    }
    int n = recvmmsg(sockets[s], messages, BATCH, MSG_DONTWAIT, NULL);
    int64_t at = now_ns();
    for (int i = 0; i < n; i++) {
      int64_t stamp;
      uint32_t magic;
      memcpy(&magic, in[i] + 12, 4);
      memcpy(&stamp, in[i] + 20, 8);
      if (messages[i].msg_len != PACKET || magic != 0x68737731u) {
        foreign++;
        continue;
      }
      received++;
      histogram[bucket(at - stamp)]++;
    }
  }
}

static void build(uint8_t *p, int leg, int64_t stamp) {
  uint16_t sequence = htons(++sequence_out[leg]);
  uint32_t timestamp = htonl((uint32_t)sequence_out[leg] * 160u), ssrc = htonl(run_ssrc + (uint32_t)leg);
  memset(p, 0xd5, PACKET);
  p[0] = 0x80;
  p[1] = 8;
  memcpy(p + 2, &sequence, 2);
  memcpy(p + 4, &timestamp, 4);
  memcpy(p + 8, &ssrc, 4);
  uint32_t magic = 0x68737731u;
  memcpy(p + 12, &magic, 4);
  memcpy(p + 16, &leg, 4);
  memcpy(p + 20, &stamp, 8);
}

/* Sends the legs from..to-1 of the running order; leg 2i is A of call i, 2i+1 is B. */
static void send_legs(int from, int to) {
  static uint8_t out[SOCKETS][BATCH][PACKET];
  static struct mmsghdr messages[SOCKETS][BATCH];
  static struct iovec vectors[SOCKETS][BATCH];
  int fill[SOCKETS] = {0};
  int64_t stamp = now_ns();
  for (int leg = from; leg < to; leg++) {
    int s = (leg & 1) * SIDE_SOCKETS + (leg / 2) % SIDE_SOCKETS, k = fill[s]++;
    build(out[s][k], leg, stamp);
    vectors[s][k] = (struct iovec){out[s][k], PACKET};
    messages[s][k].msg_hdr = (struct msghdr){
        .msg_name = &relay[leg], .msg_namelen = sizeof relay[leg], .msg_iov = &vectors[s][k], .msg_iovlen = 1};
  }
  for (int s = 0; s < SOCKETS; s++)
    for (int done = 0; done < fill[s];) {
      int n = sendmmsg(sockets[s], messages[s] + done, (unsigned)(fill[s] - done), 0);
      if (n < 0) {
        send_errors++;
        done++;
        continue;
      }
      sent += (uint64_t)n;
      done += n;
    }
}

int main(int argc, char **argv) {
  if (argc != 5) {
    fprintf(stderr, "usage: rtpload PORTS CALLS SECONDS BASE_PORT\n");
    return 2;
  }
  int calls = atoi(argv[2]), base = atoi(argv[4]);
  double seconds = atof(argv[3]);
  if (calls < 1 || calls > MAX_CALLS || seconds <= 0 || seconds > 120 || base < 1024 || base > 65000) {
    fprintf(stderr, "rtpload: 1..%d calls, up to 120 s, base port 1024..65000\n", MAX_CALLS);
    return 2;
  }
  FILE *f = fopen(argv[1], "r");
  for (int i = 0; i < calls; i++) {
    int a, b;
    if (!f || fscanf(f, "%d %d", &a, &b) != 2) {
      fprintf(stderr, "rtpload: %s has fewer than %d calls\n", argv[1], calls);
      return 2;
    }
    for (int side = 0; side < 2; side++)
      relay[2 * i + side] = (struct sockaddr_in){.sin_family = AF_INET,
                                                 .sin_port = htons((uint16_t)(side ? b : a)),
                                                 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  }
  fclose(f);
  for (int s = 0; s < SOCKETS; s++) {
    int size = 16 << 20, one = 1;
    struct sockaddr_in own = {.sin_family = AF_INET,
                              .sin_port = htons((uint16_t)(base + s)),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    sockets[s] = socket(AF_INET, SOCK_DGRAM, 0);
    setsockopt(sockets[s], SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (setsockopt(sockets[s], SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size))
      setsockopt(sockets[s], SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    if (bind(sockets[s], (struct sockaddr *)&own, sizeof own)) {
      perror("rtpload: bind");
      return 1;
    }
  }
  int legs = 2 * calls;
  run_ssrc = (uint32_t)(now_ns() >> 10) << 12;
  int64_t start = now_ns(), end = start + (int64_t)(seconds * 1e9), round = 0;
  int next = 0;
  for (;;) {
    int64_t at = now_ns();
    if (at >= end) break;
    /* Leg i of round r is due at start + r * 20 ms + i * 20 ms / legs. */
    int64_t due_round = (at - start) / PERIOD_NS;
    int due = (int)(((at - start) % PERIOD_NS) * legs / PERIOD_NS) + 1;
    if (due_round != round) due = due_round > round ? legs : 0;
    int to = due - next > BATCH / 2 ? next + BATCH / 2 : due;
    if (to > next) {
      int64_t planned = start + round * PERIOD_NS + (int64_t)next * PERIOD_NS / legs;
      if (at > planned && (uint64_t)(at - planned) > late_ns_max) late_ns_max = (uint64_t)(at - planned);
      send_legs(next, to);
      next = to;
      if (next >= legs) {
        next = 0;
        round++;
      }
    }
    receive_all();
  }
  for (int64_t drain = now_ns() + 150000000LL; now_ns() < drain && received < sent;) receive_all();
  printf("{\"calls\":%d,\"seconds\":%.3f,\"sent\":%llu,\"received\":%llu,\"foreign\":%llu,\"send_errors\":%llu,"
         "\"generator_late_ms\":%.3f,\"p50_us\":%.1f,\"p75_us\":%.1f,\"p99_us\":%.1f,\"p999_us\":%.1f,\"p9999_us\":%.1f}\n",
         calls, seconds, (unsigned long long)sent, (unsigned long long)received, (unsigned long long)foreign,
         (unsigned long long)send_errors, (double)late_ns_max / 1e6, quantile_us(.5), quantile_us(.75), quantile_us(.99),
         quantile_us(.999), quantile_us(.9999));
  return 0;
}
