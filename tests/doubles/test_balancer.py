from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from tests.doubles.balancer import Balancer


@contextmanager
def listening_socket() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(10)
        yield listening


def dialled(balancer: Balancer) -> socket.socket:
    client = socket.create_connection(("127.0.0.1", balancer.port))
    client.settimeout(10)
    return client


def test_connections_go_round_robin_and_can_be_cut() -> None:
    with listening_socket() as first, listening_socket() as second:
        with Balancer([first.getsockname(), second.getsockname()]) as balancer:
            one, two = dialled(balancer), dialled(balancer)
            behind_one, behind_two = first.accept()[0], second.accept()[0]
            one.sendall(b"hello")
            assert behind_one.recv(5, socket.MSG_WAITALL) == b"hello"
            behind_two.sendall(b"world")
            assert two.recv(5, socket.MSG_WAITALL) == b"world"
            assert balancer.routed == [0, 1]
            balancer.cut(0)
            with contextlib.suppress(ConnectionResetError):
                assert one.recv(1) == b"", "cut"
            balancer.take_out(0)
            three, four = dialled(balancer), dialled(balancer)
            behind_three, behind_four = second.accept()[0], second.accept()[0]
            for behind in (behind_three, behind_four):
                behind.sendall(b"x")
            assert three.recv(1) == four.recv(1) == b"x"
            assert balancer.routed == [0, 1, 1, 1]
        for connection in (one, two, three, four, behind_one, behind_two, behind_three, behind_four):
            connection.close()


def test_a_backend_that_is_gone_is_passed_over() -> None:
    with listening_socket() as gone:
        address = gone.getsockname()
    with listening_socket() as there, Balancer([address, there.getsockname()]) as balancer, dialled(balancer) as client:
        there.accept()[0].close()
        assert client.recv(1) == b""
        assert balancer.routed == [1]
