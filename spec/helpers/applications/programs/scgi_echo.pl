# Answers with the variables that libscgi-perl has found, one a line, and then with the body.
use strict;
use warnings;
use IO::Socket::INET;
use IO::Socket::UNIX;
use SCGI;

my ($address) = @ARGV;
my $socket = $address =~ m{^/}
  ? IO::Socket::UNIX->new(Local => $address, Listen => 5)
  : IO::Socket::INET->new(LocalAddr => $address, Listen => 5, ReuseAddr => 1);
die "cannot listen on $address: $!" unless $socket;

my $scgi = SCGI->new($socket, blocking => 1);
while (my $request = $scgi->accept) {
  # A connection that closes at once is not a request.
  eval { $request->read_env; 1 } or next;
  my $env = $request->env;
  my $length = $env->{CONTENT_LENGTH};
  my $body = '';
  while (length $body < $length) {
    read($request->connection, $body, $length - length $body, length $body) or last;
  }
  my $lines = join '', map { "$_=$env->{$_}\n" } sort keys %$env;
  print { $request->connection } "Status: 202 Taken\r\nContent-Type: text/plain\r\n\r\n$lines\n$body";
  $request->close;
}
