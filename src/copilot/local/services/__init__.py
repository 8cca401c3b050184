"""AWS services that the emulator lacks, each over records that CloudFormation and the service's API share."""
