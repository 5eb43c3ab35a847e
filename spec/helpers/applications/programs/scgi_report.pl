# Answers with what libscgi-perl has read: the variables as a netstring of pairs, and the body.
use strict;
use warnings;
use IO::Socket::UNIX;
use SCGI;

my ($path) = @ARGV;
my $socket = IO::Socket::UNIX->new(Local => $path, Listen => 50) or die "cannot listen on $path: $!";
my $scgi = SCGI->new($socket, blocking => 1);
while (my $request = $scgi->accept) {
  # What it refuses is closed without an answer.
  eval { $request->read_env; 1 } or next;
  my $env = $request->env;
  my ($length, $body) = ($env->{CONTENT_LENGTH}, '');
  while (length $body < $length) {
    my $missing = $length - length $body;
    read($request->connection, $body, $missing < 65536 ? $missing : 65536, length $body) or last;
  }
  if (length $body == $length) {
    my $block = join '', map { "$_\0$env->{$_}\0" } sort keys %$env;
    print { $request->connection } "Content-Type: text/plain\r\n\r\n", length $block, ":$block,$body";
  }
  $request->close;
}
