/*
 * Open-loop RTP load over loopback for one relay: every leg sends a 172-byte G.711 packet each 20 ms, evenly spread; every packet
 * carries its leg and its sending time in the payload and is matched when the relay hands it to the other leg's far end.
 *
 *   rtpload --ports FILE --calls N [--seconds S] [--base-port P] [--interval S] [--nap 1] [--srtp SEND:RECEIVE]
 *
 * --ports     a file with "relay_port_a relay_port_b" a line, one line a call
 * --base-port the far ends of the A legs are the UDP ports P..P+3 of 127.0.0.1, those of the B legs P+4..P+7 (call i uses i mod 4):
 *             few sockets, so that the generator stays cheaper than what it measures
 * --interval  one JSON object each so many seconds in place of one at the end, with its end (ms since 1970) and its histogram: pairs of
 *             a bucket's value in us and its count
 * --nap       sleeps between sendings instead of spinning: leaves its processor to others, up to some 50,000 packets/s
 * --srtp      AES_CM_128_HMAC_SHA1_80 with two master keys and salts, 60 hexadecimal digits each: what the far ends send with and what
 *             the relay sends with. Each packet's first block is read, the tag of one in 64 checked. Protecting takes 0.3 us a packet,
 *             which its latency includes
 *
 * A packet's latency runs from just before it is sent to the kernel's own receive timestamp at the far end's socket, which the relay's
 * processor takes while it delivers: what the generator does meanwhile is not in it. Whether the generator was the limit is told
 * beside each figure: its greatest lateness, its idle share, and packets that its own full sockets dropped.
 *
 * Load is bounded: 20,000 calls, 7,200 s.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <linux/sock_diag.h>
#include <math.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include "srtp.h"

#define SIDE_SOCKETS 4
#define SOCKETS (2 * SIDE_SOCKETS)
#define PACKET 172
#define BATCH 64
#define MOST_ROLLOVER 4
#define TAG_SAMPLE 64
#define MAX_CALLS 20000
#define MAX_SECONDS 7200
#define PERIOD_NS 20000000LL
#define RECEIVE_NS 200000LL
#define SILENCE_NS 150000000LL
#define DRAIN_NS 3000000000LL
#define BUCKETS 4096 /* 64 octaves x 64 steps of ns */
#define CONTROL 64

static int is_srtp, wire_length = PACKET;
static struct srtp outbound, inbound;
static int sockets[SOCKETS];
static struct sockaddr_in relay[2 * MAX_CALLS];
/* Packets sent by each leg: sequence and rollover counter. */
static uint32_t index_out[2 * MAX_CALLS];
/* Each run is a new stream: numbers that begin again under an old SSRC would be duplicates, and rightly dropped. It marks payloads too:
 * what an earlier run left in the relay is foreign to this one. */
static uint32_t run_ssrc;

/* What an interval is told by; begins anew with each. */
static struct {
  uint64_t histogram[BUCKETS];
  uint64_t sent, received, foreign, send_errors, bad_tags;
  int64_t late_ns_max, latency_ns_max, idle_ns;
} figures;
static uint64_t dropped_before, sent_before, received_before;

static int64_t now_ns(void) {
  struct timespec t;
  /* The clock of the kernel's receive timestamps. */
  clock_gettime(CLOCK_REALTIME, &t);
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
  uint64_t rank = (uint64_t)ceil(q * (double)figures.received), seen = 0;
  for (int i = 0; i < BUCKETS; i++)
    if ((seen += figures.histogram[i]) >= rank && seen) return bucket_us(i);
  return 0;
}

static int64_t arrival_ns(struct msghdr *header, int64_t otherwise) {
  for (struct cmsghdr *c = CMSG_FIRSTHDR(header); c; c = CMSG_NXTHDR(header, c))
    if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPNS) {
      struct timespec t;
      memcpy(&t, CMSG_DATA(c), sizeof t);
      return t.tv_sec * 1000000000LL + t.tv_nsec;
    }
  return otherwise;
}

/* The first block of payload: mark, leg, stamp; as it is, or decrypted with whichever rollover counter gives the mark. */
static int peek(const uint8_t *packet, uint8_t *block) {
  uint32_t mark;
  for (uint32_t rollover = 0; rollover <= (is_srtp ? MOST_ROLLOVER : 0); rollover++) {
    if (is_srtp)
      srtp_peek(&inbound, packet, rollover, block);
    else
      memcpy(block, packet + 12, 16);
    memcpy(&mark, block, 4);
    if (mark != run_ssrc) continue;
    if (is_srtp && figures.received % TAG_SAMPLE == 0 && !srtp_authentic(&inbound, packet, PACKET, rollover)) figures.bad_tags++;
    return 1;
  }
  return 0;
}

static void record(const uint8_t *packet, unsigned length, int64_t at) {
  uint8_t block[16];
  int64_t stamp;
  if (length != (unsigned)wire_length || !peek(packet, block)) {
    figures.foreign++;
    return;
  }
  memcpy(&stamp, block + 8, 8);
  figures.received++;
  figures.histogram[bucket(at - stamp)]++;
  if (at - stamp > figures.latency_ns_max) figures.latency_ns_max = at - stamp;
}

/* Takes up to one batch from each socket. Returns how many packets that were. */
static int receive_all(void) {
  static uint8_t in[BATCH][256], control[BATCH][CONTROL];
  static struct mmsghdr messages[BATCH];
  static struct iovec vectors[BATCH];
  int all = 0;
  for (int s = 0; s < SOCKETS; s++) {
    for (int i = 0; i < BATCH; i++) {
      vectors[i] = (struct iovec){in[i], sizeof in[i]};
      messages[i].msg_hdr = (struct msghdr){
          .msg_iov = &vectors[i], .msg_iovlen = 1, .msg_control = control[i], .msg_controllen = CONTROL};
    }
    int n = recvmmsg(sockets[s], messages, BATCH, MSG_DONTWAIT, NULL);
    int64_t at = n > 0 ? now_ns() : 0;
    for (int i = 0; i < n; i++) record(in[i], messages[i].msg_len, arrival_ns(&messages[i].msg_hdr, at));
    all += n > 0 ? n : 0;
  }
  return all;
}

static void build(uint8_t *p, int leg, int64_t stamp) {
  uint32_t index = ++index_out[leg];
  uint16_t sequence = htons((uint16_t)index);
  uint32_t timestamp = htonl(index * 160u), ssrc = htonl(run_ssrc + (uint32_t)leg);
  uint32_t mark = run_ssrc;
  p[0] = 0x80;
  p[1] = 8;
  memcpy(p + 2, &sequence, 2);
  memcpy(p + 4, &timestamp, 4);
  memcpy(p + 8, &ssrc, 4);
  memcpy(p + 12, &mark, 4);
  memcpy(p + 16, &leg, 4);
  memcpy(p + 20, &stamp, 8);
  memset(p + 28, 0xd5, PACKET - 28);
  if (is_srtp) srtp_protect(&outbound, p, PACKET, index >> 16);
}

/* Sends the legs from..to-1 of the running order; leg 2i is A of call i, 2i+1 is B. */
static void send_legs(int from, int to) {
  static uint8_t out[SOCKETS][BATCH][PACKET + SRTP_TAG];
  static struct mmsghdr messages[SOCKETS][BATCH];
  static struct iovec vectors[SOCKETS][BATCH];
  int fill[SOCKETS] = {0};
  for (int leg = from; leg < to; leg++) {
    int s = (leg & 1) * SIDE_SOCKETS + (leg / 2) % SIDE_SOCKETS, k = fill[s]++;
    vectors[s][k] = (struct iovec){out[s][k], (size_t)wire_length};
    messages[s][k].msg_hdr = (struct msghdr){
        .msg_name = &relay[leg], .msg_namelen = sizeof relay[leg], .msg_iov = &vectors[s][k], .msg_iovlen = 1};
    memcpy(out[s][k] + 16, &leg, 4);
  }
  for (int s = 0; s < SOCKETS; s++) {
    if (!fill[s]) continue;
    int64_t stamp = now_ns();
    for (int k = 0; k < fill[s]; k++) {
      int leg;
      memcpy(&leg, out[s][k] + 16, 4);
      build(out[s][k], leg, stamp);
    }
    for (int done = 0; done < fill[s];) {
      int n = sendmmsg(sockets[s], messages[s] + done, (unsigned)(fill[s] - done), 0);
      if (n < 0) {
        figures.send_errors++;
        done++;
        continue;
      }
      figures.sent += (uint64_t)n;
      done += n;
    }
  }
}

/* Datagrams for us that the kernel dropped because our own sockets were full. */
static uint64_t dropped(void) {
  uint64_t all = 0;
  for (int s = 0; s < SOCKETS; s++) {
    uint32_t memory[SK_MEMINFO_VARS] = {0};
    socklen_t length = sizeof memory;
    if (!getsockopt(sockets[s], SOL_SOCKET, SO_MEMINFO, memory, &length)) all += memory[SK_MEMINFO_DROPS];
  }
  return all;
}

static int64_t missing(void) {
  return (int64_t)(sent_before + figures.sent - received_before - figures.received);
}

static void tell(int calls, double seconds, int whole) {
  static const double curve[] = {.1, .25, .5, .75, .9, .95, .99, .995, .999, .9995, .9999, .99995, .99999};
  uint64_t drops = dropped();
  printf("{\"calls\":%d,\"seconds\":%.3f,\"sent\":%llu,\"received\":%llu,\"foreign\":%llu,\"send_errors\":%llu,\"bad_tags\":%llu,"
         "\"generator_late_ms\":%.3f,\"generator_idle\":%.4f,\"generator_drops\":%llu,\"p50_us\":%.1f,\"p75_us\":%.1f,"
         "\"p99_us\":%.1f,\"p999_us\":%.1f,\"p9999_us\":%.1f,\"max_us\":%.1f,\"curve\":[",
         calls, seconds, (unsigned long long)figures.sent, (unsigned long long)figures.received,
         (unsigned long long)figures.foreign, (unsigned long long)figures.send_errors,
         (unsigned long long)figures.bad_tags, (double)figures.late_ns_max / 1e6,
         (double)figures.idle_ns / (seconds * 1e9), (unsigned long long)(drops - dropped_before), quantile_us(.5),
         quantile_us(.75), quantile_us(.99), quantile_us(.999), quantile_us(.9999), (double)figures.latency_ns_max / 1e3);
  const char *comma = "";
  /* No quantile is told that fewer than ten packets lie beyond. */
  for (size_t i = 0; i < sizeof curve / sizeof *curve; i++)
    if ((1 - curve[i]) * (double)figures.received >= 10) {
      printf("%s[%g,%.1f]", comma, curve[i], quantile_us(curve[i]));
      comma = ",";
    }
  if (whole) {
    printf("],\"until_ms\":%lld,\"histogram\":[", (long long)(now_ns() / 1000000));
    comma = "";
    for (int i = 0; i < BUCKETS; i++)
      if (figures.histogram[i]) {
        printf("%s[%.2f,%llu]", comma, bucket_us(i), (unsigned long long)figures.histogram[i]);
        comma = ",";
      }
  }
  puts("]}");
  fflush(stdout);
  sent_before += figures.sent;
  received_before += figures.received;
  memset(&figures, 0, sizeof figures);
  dropped_before = drops;
}

static void nap(int64_t until) {
  struct timespec at = {until / 1000000000, until % 1000000000};
  clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &at, NULL);
}

static void run(int calls, double seconds, double interval, int naps) {
  int legs = 2 * calls, next = 0;
  int64_t start = now_ns(), end = start + (int64_t)(seconds * 1e9), round = 0, taken = start, before = start, at;
  int64_t told = start, step = interval > 0 ? (int64_t)(interval * 1e9) : INT64_MAX - start, tell_at = start + step;
  int busy = 1;
  while ((at = now_ns()) < end) {
    if (!busy) figures.idle_ns += at - before;
    before = at;
    if (at >= tell_at && end - tell_at > step / 2) {
      tell(calls, (double)(at - told) / 1e9, 1);
      told = at;
      tell_at += step;
    }
    /* Leg i of round r is due at start + r * 20 ms + i * 20 ms / legs. */
    int64_t due_round = (at - start) / PERIOD_NS;
    int ready = (int)((at - start) % PERIOD_NS * legs / PERIOD_NS) + 1;
    if (due_round != round) ready = due_round > round ? legs : 0;
    int to = ready - next > BATCH / 2 ? next + BATCH / 2 : ready;
    int64_t planned = start + round * PERIOD_NS + (int64_t)next * PERIOD_NS / legs;
    busy = to > next;
    if (busy) {
      if (at - planned > figures.late_ns_max) figures.late_ns_max = at - planned;
      send_legs(next, to);
      next = to;
      if (next >= legs) {
        next = 0;
        round++;
      }
    } else if (naps) {
      nap(planned < end ? planned : end);
    }
    /* Arrivals carry the kernel's time: they are taken in batches, which leaves more of this processor for sending. */
    if (at - taken > RECEIVE_NS) {
      taken = at;
      busy |= receive_all() > 0;
    }
  }
  /* Until all is back, or nothing has come for a while: what a relay still holds must not meet the next run. */
  for (int64_t heard = at, stop = at + DRAIN_NS; missing() > 0 && at < stop && at - heard < SILENCE_NS; at = now_ns())
    if (receive_all()) heard = at;
  tell(calls, (double)(end - told) / 1e9, interval > 0);
}

static const char *option(int argc, char **argv, const char *name, const char *otherwise) {
  for (int i = 1; i + 1 < argc; i += 2)
    if (!strcmp(argv[i], name)) return argv[i + 1];
  return otherwise;
}

static void read_ports(const char *path, int calls) {
  FILE *f = fopen(path, "r");
  for (int i = 0; i < calls; i++) {
    int port[2];
    if (!f || fscanf(f, "%d %d", &port[0], &port[1]) != 2) {
      fprintf(stderr, "rtpload: %s has fewer than %d calls\n", path, calls);
      exit(2);
    }
    for (int side = 0; side < 2; side++)
      relay[2 * i + side] = (struct sockaddr_in){.sin_family = AF_INET,
                                                 .sin_port = htons((uint16_t)port[side]),
                                                 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  }
  fclose(f);
}

static void open_sockets(int base) {
  for (int s = 0; s < SOCKETS; s++) {
    int size = 16 << 20, one = 1;
    struct sockaddr_in own = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)(base + s)), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    sockets[s] = socket(AF_INET, SOCK_DGRAM, 0);
    setsockopt(sockets[s], SOL_SOCKET, SO_TIMESTAMPNS, &one, sizeof one);
    if (setsockopt(sockets[s], SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size))
      setsockopt(sockets[s], SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    if (bind(sockets[s], (struct sockaddr *)&own, sizeof own)) {
      perror("rtpload: bind of a far end's port (is another run under way?)");
      exit(1);
    }
  }
}

int main(int argc, char **argv) {
  int calls = atoi(option(argc, argv, "--calls", "0")), base = atoi(option(argc, argv, "--base-port", "61000"));
  double seconds = atof(option(argc, argv, "--seconds", "4")), interval = atof(option(argc, argv, "--interval", "0"));
  const char *ports = option(argc, argv, "--ports", NULL);
  if (!ports || calls < 1 || calls > MAX_CALLS || seconds <= 0 || seconds > MAX_SECONDS || base < 1024 || base > 65000) {
    fprintf(stderr,
            "usage: rtpload --ports FILE --calls N [--seconds S] [--base-port P] [--interval S] [--nap 1] [--srtp SEND:RECEIVE]\n"
            "1..%d calls, up to %d s, base port 1024..65000\n",
            MAX_CALLS, MAX_SECONDS);
    return 2;
  }
  const char *keys = option(argc, argv, "--srtp", NULL);
  is_srtp = keys != NULL;
  if (is_srtp) {
    wire_length += SRTP_TAG;
    if (strlen(keys) != 121 || !srtp_open(&outbound, keys) || !srtp_open(&inbound, keys + 61)) {
      fprintf(stderr, "rtpload: --srtp takes 60 hexadecimal digits, a colon, 60 more\n");
      return 2;
    }
  }
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  prctl(PR_SET_TIMERSLACK, 1);
  read_ports(ports, calls);
  open_sockets(base);
  run_ssrc = (uint32_t)(now_ns() >> 10) << 12;
  run(calls, seconds, interval, atoi(option(argc, argv, "--nap", "0")));
  return 0;
}
