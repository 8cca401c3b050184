"""The records of applications, environments and workloads in SSM Parameter Store."""
