"""申请 and 联审: from draft to waiting list."""
