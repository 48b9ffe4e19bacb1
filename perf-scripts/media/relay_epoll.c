/* Reference relay on epoll: wait for readable legs, take one datagram of each, rewrite it in place, send it out of the peer's socket. */
#include "relay.h"
#include <sys/epoll.h>

#define EVENTS 512
#define DATAGRAM 512

int main(int argc, char **argv) {
  static struct epoll_event events[EVENTS];
  static uint8_t datagram[DATAGRAM];
  uint64_t passes = 0;
  open_legs(argc, argv, SOCK_NONBLOCK);
  int poller = epoll_create1(EPOLL_CLOEXEC);
  if (poller < 0) fail("epoll_create1");
  for (int i = 0; i < leg_count; i++) {
    /* Level-triggered: one receive a leg and pass, never one only to learn that there is nothing more. */
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = (uint32_t)i};
    if (epoll_ctl(poller, EPOLL_CTL_ADD, legs[i].fd, &event)) fail("epoll_ctl");
  }
  ready();
  while (!stopping) {
    int n = epoll_wait(poller, events, EVENTS, -1);
    passes++;
    for (int i = 0; i < n; i++) {
      struct leg *in = &legs[events[i].data.u32], *out = &legs[in->peer];
      ssize_t length = recv(in->fd, datagram, sizeof datagram, 0);
      /* A refusal told by ICMP reads as an error once; nothing is lost by it. */
      if (length <= 0 || !rewrite(out, datagram, (int)length)) continue;
      if (send(out->fd, datagram, (size_t)length, MSG_DONTWAIT | MSG_NOSIGNAL) != length) send_errors++;
    }
  }
  tell(passes, 0);
  return 0;
}
