/*
 * What far ends hear of streams that are sent at a pace: the time between a stream's packets, and their distance from its own clock.
 *
 *   rtphears --streams N [--base-port P] [--sockets K] [--skip S] [--seconds S]
 *
 * Listens on the UDP ports P..P+K-1 of 127.0.0.1, tells streams apart by SSRC, waits until N are there, skips some seconds, and then takes
 * of each packet the kernel's own receive timestamp: on loopback the sender's processor takes it while it delivers, so what this program does
 * meanwhile is not in it. Jitter is how far the time between two packets of a stream is from 20 ms: one left out by a sender that was
 * held up shows as 20 ms and more. Drift is how far a stream's earliest packets moved against its timestamps from the first half to the
 * second (the two clocks, which the kernel may steer apart by some us a second, included). Prints one JSON object, times in us.
 *
 * Bounded: 20,000 streams, 3,600 s.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MAX_SOCKETS 16
#define MAX_STREAMS 20000
#define MAX_SECONDS 3600
#define SLOTS 65536
#define BATCH 64
#define CONTROL 128
#define BUCKETS 200000 /* of 1 us */
#define TICK_NS 125000LL
#define PERIOD_NS 20000000LL
#define PATIENCE_S 60

struct stream {
  uint32_t ssrc, first_timestamp;
  uint16_t sequence;
  int is_known, has_origin;
  int64_t arrival_ns, origin_ns, earliest_ns[2];
};

static struct stream streams[SLOTS];
static uint64_t histogram[BUCKETS + 1];
static uint64_t packets, intervals, missing, overflowed;
static int64_t most_ns;
static int known;

static struct stream *stream_of(uint32_t ssrc) {
  uint32_t slot = ssrc * 2654435761u >> 16;
  while (streams[slot].is_known && streams[slot].ssrc != ssrc) slot = (slot + 1) % SLOTS;
  if (!streams[slot].is_known && known < MAX_STREAMS) {
    streams[slot].is_known = 1;
    streams[slot].ssrc = ssrc;
    known++;
  }
  return streams[slot].is_known ? &streams[slot] : NULL;
}

/* half: -1 = not measured yet, else which half of the time. */
static void hear(const uint8_t *p, int length, int64_t now_ns, int half) {
  if (length < 12 || (p[0] & 0xC0) != 0x80 || (p[1] & 0xE0) == 0xC0) return;
  uint32_t ssrc = (uint32_t)p[8] << 24 | p[9] << 16 | p[10] << 8 | p[11];
  uint32_t timestamp = (uint32_t)p[4] << 24 | p[5] << 16 | p[6] << 8 | p[7];
  uint16_t sequence = (uint16_t)(p[2] << 8 | p[3]);
  struct stream *s = stream_of(ssrc);
  if (!s) return;
  if (half >= 0) {
    packets++;
    if (s->arrival_ns) {
      missing += (uint16_t)(sequence - s->sequence - 1);
      int64_t jitter = now_ns - s->arrival_ns - PERIOD_NS;
      if (jitter < 0) jitter = -jitter;
      histogram[jitter / 1000 < BUCKETS ? jitter / 1000 : BUCKETS]++;
      intervals++;
      if (jitter > most_ns) most_ns = jitter;
    }
    if (!s->has_origin) {
      s->has_origin = 1;
      s->origin_ns = now_ns;
      s->first_timestamp = timestamp;
      s->earliest_ns[0] = s->earliest_ns[1] = INT64_MAX;
    }
    int64_t off = now_ns - s->origin_ns - (int64_t)(int32_t)(timestamp - s->first_timestamp) * TICK_NS;
    if (off < s->earliest_ns[half]) s->earliest_ns[half] = off;
  }
  s->arrival_ns = now_ns;
  s->sequence = sequence;
}

static void take(int fd, int half) {
  static uint8_t bytes[BATCH][2048], control[BATCH][CONTROL];
  struct mmsghdr messages[BATCH];
  struct iovec io[BATCH];
  memset(messages, 0, sizeof messages);
  for (int i = 0; i < BATCH; i++) {
    io[i] = (struct iovec){bytes[i], sizeof bytes[i]};
    messages[i].msg_hdr = (struct msghdr){.msg_iov = &io[i], .msg_iovlen = 1, .msg_control = control[i], .msg_controllen = CONTROL};
  }
  int count = recvmmsg(fd, messages, BATCH, MSG_DONTWAIT, NULL);
  for (int i = 0; i < count; i++) {
    int64_t at_ns = 0;
    struct msghdr *head = &messages[i].msg_hdr;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(head); c; c = CMSG_NXTHDR(head, c)) {
      if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPNS) {
        struct timespec t;
        memcpy(&t, CMSG_DATA(c), sizeof t);
        at_ns = t.tv_sec * 1000000000LL + t.tv_nsec;
      } else if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_RXQ_OVFL) {
        uint32_t dropped;
        memcpy(&dropped, CMSG_DATA(c), sizeof dropped);
        if (dropped > overflowed) overflowed = dropped;
      }
    }
    hear(bytes[i], (int)messages[i].msg_len, at_ns, half);
  }
}

static double percentile(double share) {
  uint64_t wanted = (uint64_t)(share * (double)intervals), seen = 0;
  for (int i = 0; i <= BUCKETS; i++) {
    seen += histogram[i];
    if (seen > wanted) return i + 1;
  }
  return (double)most_ns / 1000;
}

static int64_t monotonic_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static int option(int argc, char **argv, const char *name, int otherwise) {
  for (int i = 1; i + 1 < argc; i++)
    if (!strcmp(argv[i], name)) return atoi(argv[i + 1]);
  return otherwise;
}

int main(int argc, char **argv) {
  int wanted = option(argc, argv, "--streams", 1), base = option(argc, argv, "--base-port", 61000);
  int sockets = option(argc, argv, "--sockets", 8), skip = option(argc, argv, "--skip", 2), seconds = option(argc, argv, "--seconds", 10);
  if (wanted < 1 || wanted > MAX_STREAMS || sockets < 1 || sockets > MAX_SOCKETS || seconds < 1 || seconds > MAX_SECONDS || skip < 0) {
    fprintf(stderr, "an option is out of range\n");
    return 2;
  }
  struct pollfd fds[MAX_SOCKETS];
  for (int i = 0; i < sockets; i++) {
    int on = 1, buffer = 8 << 20, fd = socket(AF_INET, SOCK_DGRAM, 0);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)(base + i)), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
    setsockopt(fd, SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof on);
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof buffer)) setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
    if (bind(fd, (struct sockaddr *)&at, sizeof at)) {
      perror("bind");
      return 1;
    }
    fds[i] = (struct pollfd){.fd = fd, .events = POLLIN};
  }
  printf("listening\n");
  fflush(stdout);
  int64_t began_ns = monotonic_ns(), from_ns = 0;
  for (;;) {
    int64_t now_ns = monotonic_ns();
    if (!from_ns && known >= wanted) from_ns = now_ns + skip * 1000000000LL;
    if (!from_ns && now_ns - began_ns > PATIENCE_S * 1000000000LL) {
      fprintf(stderr, "%d of %d streams came\n", known, wanted);
      return 1;
    }
    int64_t in_ns = from_ns ? now_ns - from_ns : -1;
    if (in_ns >= seconds * 1000000000LL) break;
    int half = in_ns < 0 ? -1 : in_ns * 2 >= seconds * 1000000000LL;
    poll(fds, (nfds_t)sockets, 100);
    for (int i = 0; i < sockets; i++)
      if (fds[i].revents) take(fds[i].fd, half);
  }
  int64_t drift_ns = 0;
  for (int i = 0; i < SLOTS; i++) {
    struct stream *s = &streams[i];
    if (!s->has_origin || s->earliest_ns[0] == INT64_MAX || s->earliest_ns[1] == INT64_MAX) continue;
    int64_t moved = s->earliest_ns[1] - s->earliest_ns[0];
    if (llabs(moved) > llabs(drift_ns)) drift_ns = moved;
  }
  printf("{\"streams\": %d, \"seconds\": %d, \"packets\": %llu, \"missing\": %llu, \"overflowed\": %llu, \"p50_us\": %.0f, \"p99_us\": %.0f, "
         "\"p999_us\": %.0f, \"p9999_us\": %.0f, \"max_us\": %.1f, \"drift_us\": %.1f}\n",
         known, seconds, (unsigned long long)packets, (unsigned long long)missing, (unsigned long long)overflowed, percentile(0.5),
         percentile(0.99), percentile(0.999), percentile(0.9999), (double)most_ns / 1000, (double)drift_ns / 1000);
  return 0;
}
