"""Write-offs: what is given up, who agreed, what tax comes back, and what comes in afterwards."""
